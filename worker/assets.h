/* assets.h -- files whose text a container's create call carries, embedded at build time by
 * deploy/embed.sh (see the Makefile).
 */
#ifndef WORKER_ASSETS_H
#define WORKER_ASSETS_H

extern const char asset_launcher[]; /* worker/launcher.sh */
extern const char asset_seccomp[];  /* deploy/seccomp-x86_64.json */

#endif
