# Bullpen. `make help` lists the targets; everything that is made goes under build/.
BUILD   ?= build
VERSION := 0.1.0

WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
           -Wundef -Wpointer-arith -Wwrite-strings -Wno-unused-parameter \
           -Wno-format-truncation -Wno-missing-field-initializers \
           -Wno-unknown-warning-option
HARDEN  ?= -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fPIE
HARDLD  ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
PACKAGES := hiredis libevent jansson yaml-0.1

# Asked once, and only by targets that compile: `make help` works on a bare machine.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)

# `make V=1` shows the commands.
Q := $(if $(V),,@)

CPPFLAGS += -I. -D_GNU_SOURCE -DBULLPEN_VERSION='"$(VERSION)"'
CFLAGS   += -std=gnu11 -g $(WARN) $(if $(CI),-Werror) $(HARDEN)
LDFLAGS  += $(HARDLD)

PROGRAMS := bullpen bullpen-producer bullpen-worker
FOLDERS  := lib lang-registry queue worker producer deploy/bullpen
MAINS    := producer/main.c worker/main.c deploy/bullpen/main.c queue/flatten.c
SOURCES  := $(filter-out $(MAINS),$(wildcard $(FOLDERS:%=%/*.c)))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/gen/scripts.o $(BUILD)/gen/assets.o
LUA      := $(wildcard lua/*-*.lua)
UNITS    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
INTEGRATION := $(patsubst tests/integration/%.c,%,$(wildcard tests/integration/test_*.c))
FUZZERS  := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FAKES    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/fake_*.c))
SUPPORT  := $(filter-out $(FAKES),$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c)))
C_FILES  := $(wildcard $(FOLDERS:%=%/*.[ch]) tests/*/*.[ch] bench/*/*.[ch])

all: $(PROGRAMS:%=$(BUILD)/%) ## build the programs
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

$(BUILD)/bullpen: $(BUILD)/deploy/bullpen/main.o
$(BUILD)/bullpen-producer: $(BUILD)/producer/main.o
$(BUILD)/bullpen-worker: $(BUILD)/worker/main.o
$(PROGRAMS:%=$(BUILD)/%): $(BUILD)/libbullpen.a
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lm

$(BUILD)/libbullpen.a: $(OBJECTS)
	@echo '  AR $@'
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC $@'
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	@echo '  CC $@'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The Lua commands, their includes taken in, as C strings: a binary and its scripts agree.
$(BUILD)/flatten: queue/flatten.c
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $<
$(BUILD)/gen/scripts.c: $(BUILD)/flatten queue/scripts.sh $(LUA) $(wildcard lua/includes/*.lua)
	@mkdir -p $(@D)
	$(Q)queue/scripts.sh $(BUILD)/flatten $(LUA) >$@

# The launcher and the seccomp profile: a container's create call carries their text.
$(BUILD)/gen/assets.c: worker/launcher.sh deploy/seccomp-x86_64.json deploy/embed.sh
	@mkdir -p $(@D)
	$(Q)deploy/embed.sh worker/assets.h asset_launcher=worker/launcher.sh \
	    asset_seccomp=deploy/seccomp-x86_64.json >$@

images: ## pull the languages' images, or build stand-ins from Debian's packages
	deploy/images.sh
run: ## set everything up, start it, stop it on Ctrl-C
	deploy/run.sh
smoke: ## ask the running system the README's examples
	deploy/smoke.sh

test: ## install what the tests need, build, run every suite
	deploy/packages.sh build run test compose
	$(MAKE) test-programs tests/interop/node_modules/.package-lock.json
	tests/run.sh $(BUILD)
test-unit: $(UNITS:%=$(BUILD)/tests/%) ## the C unit tests alone
	tests/run.sh $(BUILD) unit
test-languages: all ## the self-tests of every language, in real sandboxes
	deploy/packages.sh run redis
	BULLPEN_BUILD=$(abspath $(BUILD)) tests/e2e/languages.sh \
	    $(basename $(notdir $(wildcard lang-registry/languages/*.yaml)))
test-programs: all $(BUILD)/flatten $(UNITS:%=$(BUILD)/tests/%) \
               $(INTEGRATION:%=$(BUILD)/tests/%) $(FUZZERS:%=$(BUILD)/fuzz/%) \
               $(BUILD)/tests/driver $(BUILD)/tests/cron_next
tests/interop/node_modules/.package-lock.json: tests/interop/package.json
	npm install --prefix tests/interop --loglevel error
	@touch $@
abuse: all tests/interop/node_modules/.package-lock.json ## hostile programs, each with its verdict, ten times
	ABUSE_ROUNDS=10 ABUSE_AT_ONCE=8 tests/run.sh $(BUILD) abuse
asan: ## the same tests under AddressSanitizer and UBSan
	$(MAKE) BUILD=build/asan HARDLD= \
	    HARDEN='-O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined' test
bench: bench-programs ## measure, beside what people run today; judges nothing
	deploy/packages.sh run bench
	bench/run.sh $(BUILD)
bench-programs: all $(BUILD)/bench/add tests/interop/node_modules/.package-lock.json \
                bench/peer/node_modules/.package-lock.json
bench/peer/node_modules/.package-lock.json: bench/peer/package.json
	npm install --prefix bench/peer --loglevel error
	@touch $@

# A fake is linked before the archive, and so in place of the real thing.
$(BUILD)/tests/test_run $(BUILD)/tests/test_run_stages $(BUILD)/tests/test_run_tests \
$(BUILD)/tests/test_selftest $(BUILD)/tests/test_languages \
$(BUILD)/tests/test_languages_reload: \
    $(BUILD)/tests/support/fake_sandbox.o $(BUILD)/tests/support/fake_clock.o
$(BUILD)/tests/test_sandbox $(BUILD)/tests/test_sandbox_failures \
$(BUILD)/tests/test_sandbox_pool $(BUILD)/tests/test_docker_images: \
    $(BUILD)/tests/support/fake_engine.o $(BUILD)/tests/support/fake_clock.o
$(BUILD)/tests/test_http $(BUILD)/tests/test_http_connections: \
    $(BUILD)/tests/support/fake_clock.o
$(BUILD)/tests/test_pool $(BUILD)/tests/test_pool_kinds $(BUILD)/tests/test_launcher \
$(BUILD)/tests/test_calls: \
    $(BUILD)/tests/support/fake_clock.o
$(BUILD)/tests/test_slot $(BUILD)/tests/test_slot_scheduler $(BUILD)/tests/test_locks \
$(BUILD)/tests/test_worker $(BUILD)/tests/test_selftest $(BUILD)/tests/test_languages \
$(BUILD)/tests/test_languages_reload: \
    $(BUILD)/tests/support/fake_queue.o $(BUILD)/tests/support/fake_run.o \
    $(BUILD)/tests/support/fake_clock.o
$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(SUPPORT) $(BUILD)/libbullpen.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lm -lcmocka
$(BUILD)/tests/%: $(BUILD)/tests/integration/%.o $(SUPPORT) $(BUILD)/libbullpen.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) -lm -lcmocka

# Ours, for tests in another language to ask.
$(BUILD)/tests/driver $(BUILD)/tests/cron_next: \
    $(BUILD)/tests/%: $(BUILD)/tests/interop/%.o $(BUILD)/libbullpen.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

$(BUILD)/bench/%: $(BUILD)/bench/queue/%.o $(BUILD)/libbullpen.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

# Fuzzers are clang's, whatever compiles the rest.
FUZZ_FLAGS := -std=gnu11 -g -O1 $(WARN) -fsanitize=fuzzer,address,undefined
fuzz: $(FUZZERS:%=$(BUILD)/fuzz/%) ## run each fuzzer for FUZZ_SECONDS (60)
	tests/fuzz/run.sh $(BUILD) $(or $(FUZZ_SECONDS),60)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(SOURCES) $(BUILD)/gen/scripts.c $(BUILD)/gen/assets.c
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)clang $(CPPFLAGS) $(PKG_CFLAGS) $(FUZZ_FLAGS) -o $@ $^ $(PKG_LIBS) -lm

format: ## rewrite the C files in the house style
	clang-format -i $(C_FILES)
lint: ## formatting, luacheck, shellcheck, cppcheck, clang-tidy
	deploy/packages.sh build test
	@clang-format --dry-run -Werror $(C_FILES)
	$(MAKE) tidy $(BUILD)/flatten
	tests/lint.sh $(BUILD)
# cppcheck reads no system headers, but for the lists' macros it has to.
QUEUE_H = $(shell $(CC) -M -include sys/queue.h -xc /dev/null | grep -o '/[^ ]*sys/queue.h')
tidy: ## clang-tidy and cppcheck over the sources
	cppcheck --quiet --enable=warning,performance,portability --inline-suppr \
	    --error-exitcode=1 --suppress=missingIncludeSystem --include=$(QUEUE_H) -I. $(FOLDERS)
	printf '%s\n' $(SOURCES) $(MAINS) | xargs -P 2 -I{} \
	    clang-tidy --quiet {} -- -I. -D_GNU_SOURCE -DBULLPEN_VERSION='"0"' -std=gnu11 $(PKG_CFLAGS) \
	    2>/dev/null

install: all ## install the programs and languages under PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/bullpen/languages
	install -m 755 $(PROGRAMS:%=$(BUILD)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 lang-registry/languages/*.yaml $(DESTDIR)$(PREFIX)/share/bullpen/languages
	install -m 644 lang-registry/defaults.yaml $(DESTDIR)$(PREFIX)/share/bullpen
PREFIX ?= /usr/local
clean: ## remove everything that was made
	rm -rf $(BUILD)
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: all images run smoke test test-unit test-languages test-programs abuse asan bench bench-programs fuzz format lint tidy \
        install clean help
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
