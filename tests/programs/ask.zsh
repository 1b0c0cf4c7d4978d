# The same as ask.bash, for zsh.
fpath=(~/zsh $fpath)
autoload -Uz compinit
compinit -u -D
A_VARIABLES=x
lines=(${(f)"$(<lines)"})
next() {
	(( $#lines )) || exit
	BUFFER=$lines[1]
	shift lines
	CURSOR=$#BUFFER
	zle complete
	print -r -- $BUFFER >>zsh.answers
	BUFFER=
}
complete() {
	_main_complete
	[[ $KEYS != *a ]] || compstate[insert]=all
	compstate[list]=
}
zle -C complete complete-word complete
zle -N next
bindkey '^Xn' next '^Xa' next
