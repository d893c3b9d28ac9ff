# shellcheck shell=bash disable=SC2034,SC2154
packages=(perl perl-base)
drop+='|lib(acl1|bz2-1.0|selinux1|lzma5|pcre2-8-0|zstd1|md0)'
probe=(perl -MList::Util=sum -MJSON::PP -MPOSIX -MEncode -e 'print sum(40, 2) == 42 ? "ok\n" : "no\n"')

# The documentation in the modules stays: some read their own.
leave+=(usr/lib/x86_64-linux-gnu/perl/5.36.0/CORE)
