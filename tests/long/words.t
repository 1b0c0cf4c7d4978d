#!/bin/sh
# The words of a logger, beside the shell's: as many texts without expansions
# as chance makes, good ones and broken ones, get the same words.  SEED=N makes
# the texts of that run again.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

require perl

take words.pl

seed=${SEED:-$(date +%s)}
for shell in sh bash; do
	need $shell "the words of $shell" || continue
	is "$(perl words.pl "$top/tests/words" $((1000 * times)) "$seed" $shell | head -n 20)" '' \
		"the words of $((1000 * times)) texts are those of $shell, SEED=$seed"
done
finish
