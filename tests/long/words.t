#!/bin/sh
# A logger is split into the words that the shell makes of the same text.  The
# texts are random, well formed or not, and have nothing to expand.  SEED=N
# makes the texts of that run again.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"

require perl

take words.pl

seed=${SEED:-$(date +%s)}
for shell in sh bash; do
	need $shell "random texts have the words that $shell makes" || continue
	is "$(perl words.pl "$top/tests/words" $((1000 * times)) "$seed" $shell | head -n 20)" '' \
		"$((1000 * times)) random texts have the words that $shell makes, SEED=$seed"
done
finish
