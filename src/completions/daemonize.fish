# Completes daemonize in fish: its options, then a command and what that command completes.
function __daemonize_command # the command and its arguments so far; fails while there is none
    argparse -s i/stdin= o/stdout= e/stderr= a/append t/truncate k/keep-fd= c/chdir= m/umask= E/env= \
        u/user= A/argv0= p/pidfile= l/lockfile= oknodo status 'stop=?' signal= f/foreground detach \
        w/watch= r/ready= T/timeout= 'restart=?' P/print-pid n/dry-run v/verbose h/help V/version \
        -- (commandline -opc)[2..] 2>/dev/null && set -q argv[1] && echo (string escape -- $argv)
end
function __daemonize_logger # what completes '|LOGGER
    set -l line (commandline -ct | string replace -rf '^(-\w+|--\w+=)?[\'"]?\\\\?\|' '') || return
    string join \n -- "|"(string replace -r '[^ ]*$' '' -- $line)(complete --do-complete="$line")
end
set -l option complete -c daemonize -n 'not __daemonize_command'
set -l signals '(kill -l | string upper | string match -ra "[A-Z]\w+")'
set -l before '(commandline -ct | string replace -rf "^(--\w+=)?(.*[:/]).*" \$2)'
set -l descriptors '(ls -d /dev/fd/* 2>/dev/null | string replace -r ".*/" "")'
complete -c daemonize -f -a '(complete --do-complete="$(__daemonize_command) $(commandline -ct)")'
$option -s i -l stdin -rF -d 'read stdin from FILE'
$option -s o -l stdout -rF -a '(__daemonize_logger)' -d 'append stdout to FILE (and stderr, unless -e)'
$option -s e -l stderr -rF -a '(__daemonize_logger)' -d 'append stderr to FILE'
$option -s a -l append -d 'append to logs (the default)'
$option -s t -l truncate -d 'empty each log once at start'
$option -s k -l keep-fd -xa $descriptors -d 'keep file descriptor N open; may be repeated'
$option -s c -l chdir -xa '(__fish_complete_directories)' -d 'run it in DIR (default /)'
$option -s m -l umask -x -d 'its file mode mask, octal (default 0)'
$option -s E -l env -xa '(set -nx)=' -d 'add to its environment; may be repeated'
$option -s u -l user -xa "(__fish_print_users) $before(__fish_print_groups)" -d 'run it as USER, with its groups'
$option -s A -l argv0 -x -d 'set argv[0] to NAME'
$option -s p -l pidfile -rF -d 'write its process id to FILE, and lock it'
$option -s l -l lockfile -rF -d 'lock FILE, write nothing'
$option -l oknodo -d 'already running is success'
$option -l status -d 'report whether it is running'
$option -l stop -a "$signals $before$signals" -d 'stop it and wait; SCHEDULE as in TERM/10/KILL/5'
$option -l signal -xa $signals -d 'send it a signal, by name or number'
$option -s f -l foreground -d 'do everything but detach'
$option -l detach -d 'detach even under inetd or as process 1'
$option -s w -l watch -x -d 'fail if it exits with an error within SECONDS'
$option -s r -l ready -xa 'fd:3 notify' -d 'wait for a line on descriptor N, or READY=1'
$option -s T -l timeout -x -d 'how long -r (60) or --stop (30) waits'
$option -l restart -d 'start it again SECONDS (1) after it ends'
$option -s P -l print-pid -d 'print its process id'
$option -s n -l dry-run -d 'print what would be done, without doing it'
$option -s v -l verbose -d 'print each step as it is taken'
$option -s h -l help -d 'print this text'
$option -s V -l version -d 'print the version'
