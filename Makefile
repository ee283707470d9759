# libcallkey. `make help` lists the targets.

GO     ?= go
PYTHON ?= python3
PREFIX ?= /usr/local

# VERSION and ABI_MAJOR, as the header has them.
include tools/version.env

# GOOS and GOARCH build for another platform, in a separate folder.
BUILT := build
HOST := $(shell uname -sm | sed 's/Linux/linux/; s/Darwin/darwin/; s/ x86_64/-amd64/; s/ aarch64/-arm64/; s/ arm64/-arm64/; s/ i[3-6]86/-386/')
ifneq ($(GOOS)$(GOARCH),)
PLATFORM := $(or $(GOOS),$(firstword $(subst -, ,$(HOST))))-$(or $(GOARCH),$(lastword $(subst -, ,$(HOST))))
ifneq ($(PLATFORM),$(HOST))
BUILT := build/$(PLATFORM)
# Debian's cross compilers, and Zig's for macOS; CC selects another one.
ifeq ($(origin CC),default)
CC_linux-386 := i686-linux-gnu-gcc
CC_linux-arm64 := aarch64-linux-gnu-gcc
CC_windows-amd64 := x86_64-w64-mingw32-gcc
CC_darwin-arm64 = $(shell $(PYTHON) -m tools.zig aarch64-macos.12.0)
CC_darwin-amd64 = $(shell $(PYTHON) -m tools.zig x86_64-macos.12.0)
CC := $(or $(CC_$(PLATFORM)),$(error no compiler is known for $(PLATFORM); give one as CC))
endif
endif
endif
# WITHOUT_LIBSIGNAL=1 links nothing of go.mau.fi/libsignal, and builds in a folder of its own.
WITHOUT := $(BUILT)/without-libsignal
ifneq ($(filter-out 0 1,$(WITHOUT_LIBSIGNAL)),)
$(error WITHOUT_LIBSIGNAL is $(WITHOUT_LIBSIGNAL), not 1 or 0)
endif
ifeq ($(WITHOUT_LIBSIGNAL),1)
BUILT := $(WITHOUT)
endif
SYSTEM := $(or $(GOOS),$(if $(filter Darwin,$(shell uname -s)),darwin))
LIBRARY_NAME := $(if $(filter windows,$(SYSTEM)),callkey.dll,$(if $(filter darwin,$(SYSTEM)),libcallkey.$(ABI_MAJOR).dylib,libcallkey.so.$(ABI_MAJOR)))
# The name that a program is linked with.
UNNUMBERED := $(if $(filter darwin,$(SYSTEM)),libcallkey.dylib,libcallkey.so)
LIBRARY := $(BUILT)/$(LIBRARY_NAME)
SOURCES := $(shell find core capi include tools/overlay -name '*.go' -o -name '*.s' -o -name '*.c' -o -name '*.h' -o -name '*.patch') \
	capi/callkey.map capi/callkey.names $(wildcard platforms/apple/*.tbd) tools/build.py tools/script.py tools/version.py tools/version.env go.mod go.sum

# The tags of cgo builds: see tools/build.py.
TAGS := sqlite_omit_load_extension

export GO CC PYTHON

# First get the tools that the targets need, or print how to get them. Installing a library that is already built
# needs none; make -n, -q and -t, which a shell runs to complete a word, must not install anything; and a make that
# make runs need not ask again.
ifneq ($(filter-out help clean $(if $(wildcard $(LIBRARY)),install),$(MAKECMDGOALS)),)
ifeq ($(strip $(MAKELEVEL) $(foreach flag,n q t,$(findstring $(flag),$(firstword -$(MAKEFLAGS))))),0)
.PHONY: machine
machine:
build/machine.mk: machine
	@$(PYTHON) -m tools.machine $(MAKECMDGOALS)
# Without the file make would print a message.
$(if $(wildcard build/machine.mk),,$(shell mkdir -p build && : >build/machine.mk))
include build/machine.mk
else
-include build/machine.mk
endif
endif

.PHONY: help lib demo demo-media soak test test-go test-go-tools test-go-race test-go-hammer test-counterpart test-vectors test-c test-host test-python test-swift test-kotlin test-libsrtp test-media wheel sdist test-dist bench check newest faults mutants fuzz install clean abi licences ctime sanitizers sbom

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lib: $(LIBRARY) $(BUILT)/debug/$(LIBRARY_NAME) ## build the shared library in build/, and one with symbols in build/debug/; GOOS and GOARCH select another platform, WITHOUT_LIBSIGNAL=1 leaves go.mau.fi/libsignal out

$(LIBRARY): $(SOURCES)
	$(PYTHON) -m tools.build $@
	$(if $(filter %.dll,$@),,ln -sf $(notdir $@) $(@D)/$(UNNUMBERED))

$(BUILT)/debug/$(LIBRARY_NAME): $(SOURCES)
	$(PYTHON) -m tools.build $@ debug
	$(if $(filter %.dll,$@),,ln -sf $(notdir $@) $(@D)/$(UNNUMBERED))

# The library with a self-test that panics, for the tests of panics.
.PHONY: provoke
provoke: $(BUILT)/provoke/$(LIBRARY_NAME)

$(BUILT)/provoke/$(LIBRARY_NAME): $(SOURCES)
	$(PYTHON) -m tools.build $@ provoke

# The other build, for what is said of both.
ifneq ($(BUILT),$(WITHOUT))
$(WITHOUT)/$(LIBRARY_NAME): $(SOURCES)
	WITHOUT_LIBSIGNAL=1 $(PYTHON) -m tools.build $@
endif

.PHONY: archive android xcframework test-arm64 test-386 test-macos test-windows test-archive test-musl test-mte test-hwasan test-platforms test-install

archive: $(BUILT)/static/libcallkey.a ## build the static library in build/static/
	@echo 'link with: cc -Iinclude program.c $< -pthread'

$(BUILT)/static/libcallkey.a: $(SOURCES)
	$(PYTHON) -m tools.build $@

demo: $(LIBRARY) ## send one call key from a caller to a callee's devices; SHOW_SECRETS=1 prints the bytes
	@$(PYTHON) bindings/python/demo/demo.py $(if $(SHOW_SECRETS),--show-secrets)

demo-media: $(LIBRARY) ## run a call with audio: Opus and libsrtp, a device answers, a third participant joins; SPEED=N speeds it up, WAV=FILE sets the audio
	@$(PYTHON) -m tools.media_engine

.PHONY: quick
quick: ## check what takes seconds: format, static analysis, the short Go tests, the C tests, the core of the Python tests
	@$(PYTHON) -m tools.quick

test: ## run the tests of this machine, and of Linux on arm64 under QEMU, side by side
	@$(PYTHON) -m tools.test

# Runs Go tests: one line for each package, then the skipped tests with the reasons.
GO_TESTS = $(PYTHON) -m tools.gotest -tags $(TAGS)

.PHONY: test-full
test-full: ## run what `make test` leaves out, and at full length what it shortens, side by side
	@$(PYTHON) -m tools.full

# Go tests of what is compiled as the library is: what its build compiled is not compiled again.
LIBRARY_TESTS = $(PYTHON) -m tools.gotest -as-library

# go vet is a part of check and quick.
test-go: ## run the Go tests of the library, compiled as it is
	$(LIBRARY_TESTS) -vet=off ./core/... ./capi/...

test-go-tools: ## run the Go tests of the tools
	$(GO_TESTS) -vet=off ./tools/... ./tests/mutants

# -short leaves out processes that are stopped, killed and race each other, and repetitions in one thread. test-go has
# them; under the race detector and as on platforms where the runtime does not erase secrets, test-full has them.
.PHONY: test-go-plain
test-go-plain: ## run the Go tests of sessions as on a processor without AVX-512 IFMA, SHA and AES
	$(LIBRARY_TESTS) -vet=off -short -exec 'env GODEBUG=cpu.avx512ifma=off,cpu.ssse3=off,cpu.aes=off' ./core/curve/... ./core/aes ./core/kdf/... ./core/derive ./core/sframe ./core/session/... ./core/signal ./core/offer

# At its end each program waits a second for late races, and the tests of stores start a hundred.
test-go-race: ## run the Go tests under the race detector
	GORACE=atexit_sleep_ms=50 $(GO_TESTS) -vet=off -race -short -skip '^(TestDiskErrors|TestThreads)$$' ./core/epoch ./core/session ./core/signal ./core/store ./core/derive ./core/offer

test-go-hammer: ## hammer one store with threads for 10 seconds, under the race detector
	$(GO_TESTS) -vet=off -race -run '^TestThreads$$' ./core/offer -hammer 10s

test-counterpart: ## test against the official Signal client library (needs Node.js 18)
	$(PYTHON) -m tests.signal-client.install
	$(GO_TESTS) -count=1 ./tests/signal-client

test-vectors: ## recompute the known answers with another crypto library
	$(PYTHON) -m testdata.vectors.check

test-c: $(LIBRARY) ## run the C tests and examples
	$(PYTHON) -m tests.c.run $<

test-host: $(LIBRARY) ## run the test hosts, programs that load the library; NOUNS='loading' selects some
	$(PYTHON) -m tests.host.run $(NOUNS)

test-python: $(LIBRARY) ## test the Python package with the built library
	$(PYTHON) -m tests.python.run

.PHONY: test-pythons
test-pythons: wheel ## test the wheel on CPython 3.9 and 3.15 and on PyPy; VERSIONS='3.13 pypy' or PYTHON=FILE selects others
	$(if $(ALL),,GET=yes )$(PYTHON) -m tests.python.interpreters

test-swift: $(LIBRARY) ## test the Swift package, with the Swift on PATH or, as root, Debian trixie's
	$(if $(ALL),,SWIFT=get )$(PYTHON) -m tests.swift.run

# libcallkey_jni of a platform: in a folder that is named as it is in the jar.
JNI_FOLDER := build/$(if $(filter 1,$(WITHOUT_LIBSIGNAL)),without-libsignal/)jni
jni_of = $(JNI_FOLDER)/$1/$(if $(filter windows-%,$1),callkey_jni.dll,$(if $(filter darwin-%,$1),libcallkey_jni.dylib,libcallkey_jni.so))
JNI := $(call jni_of,$(or $(PLATFORM),$(HOST)))
# What the jar of `make kotlin` has inside.
PLATFORMS ?= $(HOST)
OTHERS := $(filter-out $(HOST),$(PLATFORMS))

.PHONY: jni
jni: $(JNI)

JNI_SOURCES := $(shell find bindings/kotlin/src/main/c -type f) tools/jni.py
ifeq ($(SYSTEM),darwin)
$(JNI): $(SOURCES) $(JNI_SOURCES)
	$(PYTHON) -m tools.build $@
else
$(JNI): $(BUILT)/static/libcallkey.a $(JNI_SOURCES)
	$(PYTHON) -m tools.jni $< $@
endif

# Each with a compiler of its own, and so by a make of its own.
.PHONY: $(OTHERS:%=jni-%)
$(OTHERS:%=jni-%):
	@env -u CC $(MAKE) --no-print-directory jni GOOS=$(word 2,$(subst -, ,$@)) GOARCH=$(word 3,$(subst -, ,$@))

.PHONY: kotlin jar
kotlin: $(if $(filter $(HOST),$(PLATFORMS)),$(JNI)) $(OTHERS:%=jni-%) ## build the jar of the Kotlin package in build/kotlin/, for this machine or PLATFORMS (needs a JDK and Maven)
	@$(PYTHON) -m tools.jar $(foreach platform,$(PLATFORMS),$(call jni_of,$(platform)))

jar: ## build the jar of the Kotlin package with the libraries for Linux on amd64 and arm64, Windows on amd64, macOS on arm64 and amd64 (needs lld)
	@$(MAKE) --no-print-directory kotlin PLATFORMS='linux-amd64 linux-arm64 windows-amd64 darwin-arm64 darwin-amd64'

.PHONY: test-jar
test-jar: jar ## test the jar of `make jar` on a JVM for each platform, arm64 under QEMU and Windows under Wine (needs root for that)
	$(PYTHON) -m tests.kotlin.jar

test-kotlin: $(JNI) ## test the Kotlin package (needs a JDK and Maven)
	$(PYTHON) -m tests.kotlin.run $<

.PHONY: test-without-libsignal
test-without-libsignal: $(LIBRARY) ## test the library that is built WITHOUT_LIBSIGNAL=1: what it links, the C tests, the Go tests of what differs
	$(PYTHON) -m tests.without_libsignal.run

test-libsrtp: $(LIBRARY) ## compare the session keys with libsrtp's packets (needs libsrtp2)
	$(GO_TESTS) -count=1 ./tests/libsrtp

test-media: $(LIBRARY) ## test the media engine's calls: packets, keys and audio (needs libsrtp2 and Opus)
	$(PYTHON) -m tests.media.run

android: ## build the library for Android in build/android/ (needs an NDK); DRY_RUN=1 prints the commands
	@$(PYTHON) -m platforms.android.build

xcframework: ## build the library for Apple platforms in build/apple/ (needs Xcode); DRY_RUN=1 prints the commands
	@$(PYTHON) -m platforms.apple.xcframework

test-arm64: ## run the C tests with the library for Linux on arm64, under QEMU
	$(PYTHON) -m tests.platforms.linux arm64

test-386: ## run the C tests with the library for 32-bit Linux
	$(PYTHON) -m tests.platforms.linux 386

test-macos: ## build the library and the wheels for macOS without a Mac, and check them without running them (needs lld)
	$(PYTHON) -m tests.platforms.macos

test-windows: ## run the C tests with the library for Windows, under Wine (needs root)
	$(PYTHON) -m tests.platforms.windows

test-archive: ## run the C tests with the static library
	$(PYTHON) -m tests.platforms.archive

test-musl: $(LIBRARY) ## run the C tests with musl, static library and shared (needs musl-tools)
	$(PYTHON) -m tests.musl.run

test-mte: ## run the C tests with tagged memory (MTE), on arm64 under QEMU
	$(PYTHON) -m tests.mte.run

test-hwasan: ## test calls and file stores with HWAddressSanitizer, on arm64 under QEMU
	$(PYTHON) -m tests.hwasan.run

test-platforms: ## test the builds for Android and Apple as far as possible without an NDK or a Mac
	$(PYTHON) -m tests.platforms.android
	$(PYTHON) -m tests.platforms.apple
	$(PYTHON) -m tests.platforms.ios $(if $(FULL),ios simulator)

test-install: $(LIBRARY) ## install, and build programs outside the tree with pkg-config and CMake
	$(PYTHON) -m tests.install.run

.PHONY: test-peers
test-peers: $(LIBRARY) ## test against other implementations: wacore, whatsmeow, zapo-js, Baileys, the Signal client library; PEERS='rust' selects some
	$(PYTHON) -m tests.peers.run $(PEERS)
ifeq ($(filter-out rust,$(PEERS)),)
	$(PYTHON) -m unittest -q bench.peers.units
endif

.PHONY: test-engines
test-engines: $(LIBRARY) ## test our SRTP packets against other engines, as docs/engines.md sets them up; ENGINES='ffmpeg pion' selects some
	$(PYTHON) -m tests.engines.run $(ENGINES)

.PHONY: test-postgres
test-postgres: $(LIBRARY) ## test the example for PostgreSQL with 500 peers for SECONDS (default 60), while its workers are killed and connections cut
	$(PYTHON) -m tests.postgres.run $(SECONDS)

.PHONY: test-machine
test-machine: ## test that a bare Debian gets what it needs (needs root)
	$(PYTHON) -m tests.machine.run

wheel: ## build the Python package with the library for this machine inside, in build/dist/
	$(PYTHON) -m tools.dist wheel

sdist: ## pack the sources of the Python package and the library, in build/dist/
	$(PYTHON) -m tools.dist sdist

.PHONY: wheels test-wheels
wheels: ## build the Python package's wheels for Linux with glibc 2.17 or later, on amd64 and arm64, for macOS and for Windows, in build/dist/
	$(PYTHON) -m tools.wheels

test-wheels: wheels ## test these wheels here, in an older Debian, on arm64 under QEMU and under Wine (needs root)
	$(PYTHON) -m tests.wheels.run

test-dist: wheel sdist ## test the wheel and the sdist outside this tree
	$(PYTHON) -m tests.python.dist

.PHONY: release test-release
release: ## build everything that is published in build/release/, with SHA256SUMS and a page; NAMES='source wheel' selects some
	@$(PYTHON) -m tools.release $(NAMES)

test-release: ## build the release twice in two folders, compare the sums, and use each file as its reader does (needs root for Wine and Swift); NAMES selects some
	@$(PYTHON) -m tests.release.run $(NAMES)

bench: lib ## measure times and sizes and print one table; PEERS=1: beside wacore and go.mau.fi/libsignal
	$(PYTHON) -m $(if $(PEERS),bench.peers.run,bench.run)

.PHONY: docs test-docs
docs: ## build the site of the guides and the references of C, Python, Swift and Kotlin in build/docs (needs Python 3.11)
	@$(if $(ALL),,SWIFT=get )$(PYTHON) -m tools.site

test-docs: docs ## test the site: links, two widths, light and dark, the search (needs Chromium)
	$(PYTHON) -m tests.site.run

.PHONY: generate
generate: ## write the files that are made from include/callkey.h, the assembly in core, the root's Package.swift, and the man pages and completion of callkey
	$(GO) run ./tools/contract generate
	$(PYTHON) -m tools.assembly
	$(PYTHON) -m tools.manifest
	$(PYTHON) -m tools.terminal

check: lib $(WITHOUT)/$(LIBRARY_NAME) ## check format, static analysis, style, header, symbols, ABI, licences, vulnerabilities, reproducible build
	$(PYTHON) -m tools.check

.PHONY: cost
cost: ## measure what small changes cost in files and hunks, and prove that no place can be forgotten; NAMES='derivation' selects some
	@$(PYTHON) -m tools.cost --prove --omit $(NAMES)

.PHONY: gate
gate: ## run side by side what CI runs beside test and check: test-full, the other tests, cost, faults, bot, fuzz; JOBS selects some
	@$(PYTHON) -m tools.gate $(JOBS)

newest: ## try the newest versions of all dependencies in a copy of the tree, and print a table
	@$(PYTHON) -m tools.newest

faults: ## prove that the checks can fail: try each on a deliberate fault; WORDS='fork panic' selects some, PART=1/3 a third
	@$(PYTHON) tests/faults/run.py $(PART:%=--part=%) $(WORDS)

ROOMS  := session signal store offer stanza envelope derive epoch sframe aes kdf kdf/digest curve
SAMPLE ?= 400
SEED   ?= 1
mutants: ## change the sources in one place at a time and count what the tests catch: SAMPLE of them (400; 0: all) by SEED, in PACKAGES that MATCH
	nice -n 10 $(GO) run ./tests/mutants -sample $(SAMPLE) -seed $(SEED) $(if $(MATCH),-match '$(MATCH)') $(or $(PACKAGES),$(ROOMS:%=./core/%))

abi: lib ## record the interface in abi/, as the header and the library have it now
	$(GO) run ./tools/contract record build/debug/libcallkey.so.$(ABI_MAJOR)

ctime: ## measure whether a time depends on a secret: t-values of each comparison of secrets, and of a leaky control
	$(PYTHON) -m tests.ctime.run

sanitizers: $(LIBRARY) ## run the C tests under valgrind, AddressSanitizer and UndefinedBehaviorSanitizer
	$(PYTHON) -m tests.sanitizers.run

licences: $(LIBRARY) $(WITHOUT)/$(LIBRARY_NAME) ## write THIRD_PARTY.md: the code by others inside the library, with the licence texts
	$(GO) run ./supply licences $^ THIRD_PARTY.md

sbom: $(LIBRARY) ## write a bill of materials beside the library, in CycloneDX 1.6
	$(GO) run ./supply sbom $(LIBRARY) $(LIBRARY).cdx.json

TIME ?= 30s
.PHONY: bot
bot: $(LIBRARY) ## let 24 devices call each other for TIME (default 30s), with kills, lost sessions and reinstalled devices; SEED repeats a run
	$(PYTHON) -m tests.bot.run $(TIME)

soak: lib ## run the long tests: 5,000 kills, the log cut at every byte, 1,400 searches for secrets in memory, 100,000 races for a key, 10,000,000 multiplications in lanes, a capture of 2 GiB
	$(GO) test -timeout 0 ./core/curve/lanes -run TestRandom -inputs 10000000 -v
	$(GO) test -timeout 0 ./core/curve -run 'TestCheckAllIsValidateAndVerify|TestSignaturesTogetherAreVerify|TestAgreeAllIsAgree' -inputs 1000000 -v
	$(GO) test -timeout 0 ./core/curve -run 'TestSameVerdict|TestPublicAsOthers|TestVerifiesAsLibsignal' -inputs 10000000 -v
	$(GO) test -tags $(TAGS) -timeout 0 ./core/offer -run TestKilled -kills 5000 -v
	$(GO) test -tags $(TAGS) -timeout 0 -race ./core/offer -run TestThreads -hammer 10m -v
	$(GO) test -tags $(TAGS) -timeout 0 ./core/store -run TestPowerLoss -every-byte -v
	$(PYTHON) -m tests.boundary.residue 200
	$(PYTHON) -m tests.python.run --races 100000 -s tests/test_races.py
	$(PYTHON) -m tests.python.run --capture-mib 2048 -s tests/test_capture_size.py

# Their rules, and what a run is for: docs/kept-sessions.md.
.PHONY: hammer
hammer: ## run the tests of kept sessions, or TESTS, over and over for TIME each (default 10m), with pauses where another thread or process may come between
	$(PYTHON) -m tools.hammer $(or $(TIME),10m) $(TESTS)

fuzz: ## run every fuzz target, or TARGET, for TIME each (default 30s) on one core
	$(PYTHON) -m tools.fuzz $(TIME) $(TARGET)

.PHONY: fuzz-peers
fuzz-peers: $(LIBRARY) ## feed changed call stanzas to wacore's reader and to ours for TIME (default 60s): what both accept must mean the same
	$(PYTHON) -m tests.peers.rust.fuzz $(or $(TIME),60s)

install: $(LIBRARY) ## install library, header, pkg-config and CMake files into PREFIX, below DESTDIR
	PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" $(PYTHON) -B -m platforms.install.install $<

clean: ## remove everything built
	rm -rf build
