# shellcheck shell=bash disable=SC2034
packages=(sqlite3)
drop+='|lib(acl1|bz2-1.0|md0|selinux1|lzma5|pcre2-8-0|zstd1)'
probe=(sqlite3 :memory: "select 'ok'")
