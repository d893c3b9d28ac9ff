# launcher.sh -- PID 1 of every sandbox; the worker passes this text to `sh -c`.
# Any POSIX sh with dd and tar: busybox in Alpine and in the stand-in images, or Debian's.
#
#   worker -> sandbox  ID               one line
#   sandbox -> worker  R                one line: ready, and waiting for a job
#   worker -> sandbox  tar[8192] tar[NT] stdin[NI]
#                                       in bytes: NT, of a second tar, is said by the first
#                                       one's .run, NI by the last one's; 0 unless said
#   sandbox -> worker  B                one line: the program starts; then its own output
#   sandbox -> worker  \nID P RC        on stdout and on stderr; P: E ended, X unpacking
#                                       failed; RC 0..255, 128+signal
#   worker reads what the kernel counted, then closes the connection
#
# ID is 32 hex digits, new for each sandbox. PID 1 ignores all signals from inside, so it
# outlives whatever the program does to its neighbours, and it reaps what that leaves.
# When the connection ends before R, or before a job has come, nobody needs us any more.
cd /tmp || exit 125
# The program's stdin is a file, so that it has an end though our connection stays open, and
# one without a name, so that the program does not find it in its folder: tar takes the name
# away from it, as from every file that stands in its way.
exec 4>.run
exec 3<.run

# One block of exactly $1 bytes: head -c would read past them, bs=1 costs a call per byte.
unpack() { dd bs="$1" count=1 iflag=fullblock 2>/dev/null | tar xf -; }

# All that a job is made of. dd and tar are up before it comes, and wait for the first tar.
# Its .run says NI, defines `run`, and for an interpreter that is started ahead `fits` and
# `preload` (below); or says NT alone, of a second tar that has all this.
# shellcheck source=/dev/null
take() {
	nt=0 ni=0
	unpack 8192 || return
	. ./.run
	[ "$nt" = 0 ] || { unpack "$nt" && . ./.run; } || return
	[ "$ni" = 0 ] || dd bs="$ni" count=1 iflag=fullblock >&4 2>/dev/null
}

# The words behind this text, if any, are a file and the command of an interpreter that is
# started ahead of the job. It finds a fifo in its program's place, and waits there until
# `feed`, in the background, has given it a program and is gone; that does not know the ID.
# Opening a fifo takes two, so by R the interpreter is up, and PID 1 has read the ID: our
# input has one reader at a time. Ends with 0 when the program was the job's own, 1 when the
# job wants another start and the interpreter was told to leave, 2 when unpacking failed.
fits=0
preload() { :; }
feed() {
	exec 7>"$1" # which tar will put the job's own file in the place of
	echo R
	take || exit 2
	trap '' TERM # there is a job: no end of the interpreter's is too early now
	[ "$fits" = 0 ] || echo B
	preload >&7
	exit $((1 - fits))
}

if [ $# = 0 ]; then
	read -r id || exit 0
	echo R
	take && fed=1 || fed=2
else
	mkfifo "$1" || exit 125
	exec 5<&0
	feed "$1" <&5 &
	shift
	read -r id || { kill $!; exit 0; }
	(exec "$@") <&3 3<&- 4>&- 5<&-
	rc=$?
	# One that ended before there was a job leaves a sandbox that nobody wants.
	kill $! 2>/dev/null
	wait $! 2>/dev/null # where some shells say how it ended
	fed=$?
	# shellcheck source=/dev/null
	[ $fed != 1 ] || . ./.run
fi
p=E
case $fed in
1)
	echo B
	(run) <&3 3<&- 4>&- 5<&-
	rc=$?
	;;
2)
	p=X rc=125
	# It could not say so itself: what it prints on stderr are figures, and nobody's.
	command -v dd >/dev/null || echo 'dd: not found' >&2
	;;
143) exit 125 ;;
*) ;; # 0; or killed: a program that has begun can do that to what feeds it
esac
# The newline before a mark is the mark's: output need not end with one. On both streams,
# because each stream keeps its order but not against the other.
printf '\n%s %s %d\n' "$id" $p "$rc"
printf '\n%s %s %d\n' "$id" $p "$rc" >&2
# Stay: the cgroup's files vanish with its last process. The end of the connection ends us.
read -r _
