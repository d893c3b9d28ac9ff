# launcher.sh -- PID 1 of every sandbox; the worker passes this text to `sh -c`.
# Any POSIX sh with dd and tar: busybox in Alpine and in the stand-in images, or Debian's.
#
#   sandbox -> worker  R                warm and waiting
#   worker -> sandbox  ID NT NI         one line, then NT bytes of tar and NI bytes of stdin
#   sandbox -> worker  ID B             the program starts; from here on its own output
#   sandbox -> worker  \nID P RC        on stdout and on stderr; P: E ended, X unpacking
#                                       failed; RC 0..255, 128+signal
#   worker reads what the kernel counted, then closes the connection
#
# ID is 32 hex digits, new for each job. PID 1 ignores all signals from inside, so it
# outlives whatever the program does to its neighbours, and it reaps what that leaves.
echo R
# The connection ends while we wait: nobody needs us any more.
read -r id nt ni || exit 0
cd /tmp || exit 125
rc=0 p=E in=/dev/null
# One block of exactly nt bytes: head -c would read past them, bs=1 costs a call per byte.
dd bs="$nt" count=1 iflag=fullblock 2>/dev/null | tar xf - || { rc=125 p=X; }
# The program's stdin is a file, so that it has an end though our connection stays open ...
[ "$ni" = 0 ] || { in=.stdin; dd bs="$ni" count=1 iflag=fullblock of=$in 2>/dev/null || { rc=125 p=X; }; }
exec 3<"$in"
# ... and a file without a name, so that the program does not find it in its folder.
[ "$ni" = 0 ] || rm -f .stdin
if [ $p = E ]; then
	echo "$id B"
	# shellcheck source=/dev/null
	(. ./.run) <&3 3<&-
	rc=$?
fi
# The newline before a mark is the mark's: output need not end with one. On both streams,
# because each stream keeps its order but not against the other.
printf '\n%s %s %d\n' "$id" $p $rc
printf '\n%s %s %d\n' "$id" $p $rc >&2
# Stay: the cgroup's files vanish with its last process. The end of the connection ends us.
read -r _
