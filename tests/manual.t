#!/bin/sh
# The manual in Chinese has what the English one has, as far as a machine can tell:
# everything but the sentences, and of these the words and numbers that stay.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

english=$top/man/daemonize.1
chinese=$top/man/zh_CN/daemonize.1

same() { # NAME COMMAND...: it prints the same, and something, of both
	name=$1
	shift
	"$@" "$english" >english
	"$@" "$chinese" >chinese
	[ -s english ] || echo 'nothing at all' >chinese
	is "$(diff english chinese)" '' "$name"
}

same 'both manuals have the same head' sed -n -e '/^\.D[dt]/p' -e '/^\.Os/p' -e '/^\.Nm daemonize/p'
same 'both manuals have the same sections, each with as many subsections' sed -n -e '/^\.Sh/p' -e 's/^\.Ss .*/.Ss/p'
same 'both manuals have the same SYNOPSIS' sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p'
same 'both manuals have the same options' sed -n '/^\.It Fl/p'
same 'both manuals have the same statuses' sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/{/^\.It/p;}'
same 'both manuals have the same displays' sed -n -e '/^\.Bd/,/^\.Ed/p' -e '/^\.Dl/p'
same 'both manuals have the same paragraphs and lists' sed -n -e '/^\.S[hs]/{s/ .*//;p;}' -e '/^\.[DEP][dlp]/{s/ .*//;p;}' \
	-e '/^\.B[dl]/p' -e 's/^\(\.It .*\) Ta .*/\1/p' -e t -e '/^\.It [CEP][mva] /p' -e 's/^\.It .*/.It/p'

# What a reader looks up is compared by section and subsection, in any order: the
# words that a macro marks, and the numbers.
place='
	/^\.\\"/ { next }
	/^\.Sh/ { section = substr($0, 5); subsection = 0; next }
	/^\.Ss/ { subsection++; next }
	/^\.Bd/, /^\.Ed/ { next }
	/^\.D[ldt]|^\.It|^\.[BE]l|^\.Nd|^\.Sx|^\.ds|^\.if/ { next }
	function found(what) { print section "/" subsection ": " what }'
by_place() { # PROGRAM FILE
	awk "$place $1" "$2" | sort
}
once_by_place() {
	awk "$place $1" "$2" | sort -u
}
same 'both manuals refer to the same manuals' by_place '
	/^\./ { for (i = 1; i < NF; i++) if ($i ~ /^\.?Xr$/) found($(i + 1) " " $(i + 2)) }'
same 'both manuals have the same words under a macro' once_by_place '
	/^\./ {
		text = 0
		for (i = 1; i <= NF; i++) {
			word = $i
			sub(/^\./, "", word)
			if (word ~ /^[A-Z%][A-Za-z]$/) text = word == "No"
			else if (!text && word ~ /[0-9A-Za-z#\/-]/ && word !~ /[^ -~]/) found(word)
		}
	}'
same 'both manuals have the same numbers' once_by_place '
	/^[^.]/ {
		gsub(/[0-9]+\.[0-9]+/, " & ")
		gsub(/[^0-9.]+|\.[^0-9]|\.$/, " ")
		for (i = 1; i <= NF; i++) found($i)
	}'

# .Sx names a title of its own manual, which may stand later.
titles() { # FILE
	sed -n '/^\.S[hsx]/{s/ Ns$//;s/ [.,)]$//;s/ [.,)]$//;s/\\&$//;p;}' "$1" | awk '
		function title() { return substr($0, 5) }
		/^\.Sh/ { section = title(); subsection = 0; place[title()] = section }
		/^\.Ss/ { subsection++; place[title()] = section "/" subsection }
		/^\.Sx/ { from[++n] = section "/" subsection; to[n] = title() }
		END { for (i = 1; i <= n; i++) print from[i] " to " (to[i] in place ? place[to[i]] : "nowhere: " to[i]) }' | sort
}
same 'both manuals refer to the same sections' titles
is "$(titles "$english" | grep nowhere)" '' 'the manual refers only to sections that it has'

# A space would be shown where these lines meet.
is "$(awk '
	/^\.\\"/ { next }
	/^\.Bd/, /^\.Ed/ { last = ""; next }
	last ~ /[^ -~]$/ && /^[^ -~]/ { print FNR ": " $0 }
	last ~ /(，|。|：|；|、|（|“)$/ && /^\.[A-Z]/ && !/^\.(B[dl]|Dl|E[dl]|It|Pp|S[hs])/ { print FNR ": " $0 }
	last !~ /( Ns|\\c)$/ && /^(，|。|：|；|、|）|”)/ { print FNR ": " $0 }
	{ last = /^\.(S[hs]|It|Nd)/ ? "" : $0 }' "$chinese")" '' 'the manual in Chinese shows no space where lines are joined'

if need mandoc 'mandoc finds nothing wrong in the manual in Chinese'; then
	is "$(mandoc -T lint -W style "$chinese" 2>/dev/null | grep -v 'referenced manual not found')" '' 'mandoc finds nothing wrong in the manual in Chinese'
fi
finish
