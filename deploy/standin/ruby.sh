# shellcheck shell=bash disable=SC2034
packages=(ruby3.1)
drop+='|rake|ruby|libruby|ruby-(net-telnet|sdbm|xmlrpc|webrick)'
# What makes and documents packages.
leave+=(usr/lib/ruby/3.1.0/{rdoc,bundler} usr/lib/ruby/gems usr/include)
probe=(ruby -e 'require "json"; require "set"; puts JSON.parse("[\"ok\"]")[0]')

finish() { ln -s ruby3.1 "$1/usr/bin/ruby"; }
