"""The faults that run.py puts into a copy of the tree: what goes wrong, which check is there for it,
and what that check must say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    row: str  # of `make check`, or the test that a row of docs/security.md names
    title: str
    check: str  # a shell command; it must pass without the fault
    says: str  # a regular expression for what it prints with it
    edits: "tuple[tuple[str, str, str], ...]"  # file, a text that it has once, what stands there instead


def go(test: str, package: str, experiment: str = "") -> str:
    return f"GOEXPERIMENT={experiment} go test -count=1 -tags sqlite_omit_load_extension -run '^{test}$' ./{package}"


def boundary(noun: str) -> str:
    return f"make -s lib && python3 -m tests.boundary.{noun}"


def host(noun: str) -> str:
    return f"make -s lib && EACH=2 python3 -m tests.host.run {noun}"


def peer(name: str) -> str:
    return f"make -s lib && python3 -m tests.peers.run {name}"


def engine(name: str) -> str:
    return f"make -s lib && python3 -m tests.engines.run {name}"


def release(name: str) -> str:
    return f"python3 -m tests.release.run {name}"


def kotlin(test: str) -> str:
    return f"make -s jni && python3 -m tests.kotlin.run build/jni/*/libcallkey_jni.so {test}"


# The copy of the tree stands two folders below build/peers, where the crates are compiled already.
WACORE = 'make -s lib && SEED=1 CARGO_TARGET_DIR="$PWD/../../peers/rust" python3 -m tests.peers'

RESIDUE = boundary("residue") + " 6"
CHECK = "make -s lib && python3 -m tools.check"  # not tried without a fault: that is `make check` itself
TRIALS = "make -s lib && python3 -m tests.c.run build/libcallkey.so.0 trials"
RECORDS = "make -s lib && python3 -m tests.c.run build/libcallkey.so.0 records"
LEFT = "a secret was left in memory"


def in_generate(work: str) -> "tuple[tuple[str, str, str], ...]":
    """callkey_generate does this first, with package os."""
    return (
        ("core/callkey/callkey.go", "\tsecret.Do(func() { rand.Read(out[:]) })\n",
         f"{work}\tsecret.Do(func() {{ rand.Read(out[:]) }})\n"),
        ("core/callkey/callkey.go", "\t\"crypto/rand\"\n", "\t\"crypto/rand\"\n\t\"os\"\n"),
    )


NOTHING_IS_WIPED = (("core/secret/secret.go", "v.Elem().SetZero()", "return"),)
STACKS_ARE_NOT_CLEARED = (("core/secret/do_stack.go", "\tf()\n\tclearStack()\n", "\tf()\n"),)

FAULTS = [
    # What is left in memory.
    Fault("residue", "an opened key goes through memory of ours", RESIDUE, LEFT, ((
        "capi/delivery.go",
        "said, err := offer.Open(s, array[[callkey.Bytes]byte](key), bytesAt(wire, wireLen), own, sender)",
        "var opened [callkey.Bytes]byte\n\t\tsaid, err := offer.Open(s, &opened, bytesAt(wire, wireLen), own, sender)"
        "\n\t\t*array[[callkey.Bytes]byte](key) = opened",
    ),)),
    Fault("residue", "ciphers keep their keys", RESIDUE, LEFT, NOTHING_IS_WIPED),
    Fault("residue", "a closed store in memory keeps its records", RESIDUE, LEFT, ((
        "core/store/memory.go", "for name, row := range m.rows {\n\t\tsecret.Wipe(row.value)\n", "for name := range m.rows {\n",
    ),)),
    Fault("residue", "a closed store keeps its keys", RESIDUE, LEFT, ((
        "core/store/store.go", "\ts.backend.sealer().wipe()\n", "",
    ),)),
    Fault("residue", "a refused first message leaves its session", RESIDUE, LEFT, ((
        "core/session/incoming.go", "\tdefer s.wipe()\n", "",
    ),)),
    Fault("residue", "keys of skipped messages stay where they were outgrown", RESIDUE, LEFT, ((
        "core/session/chain.go", "\t\tclear(had)\n", "",
    ),)),
    Fault("TestNothingIsLeft", "the lanes' arrays stay in memory", go("TestNothingIsLeft", "core/curve/lanes"),
          'left are .*"the scalars"', (("core/curve/lanes/multiply_amd64.go", "\t\t*l = ladders{}\n", ""),)),
    Fault("TestNoDigitsAreLeft", "the digits of a private key stay on the stack", go("TestNoDigitsAreLeft", "core/curve/lanes"),
          'left are .*"the digits"', ((
              "core/curve/lanes/comb_amd64.go", "\tselected = [steps][2][Width]uint64{}\n", "",
          ),)),
    Fault("TestWorkFitsTheStackOfAHostsThread", "agreements by tables clear the stack again, deeper than there is room",
          go("TestWorkFitsTheStackOfAHostsThread", "core/curve"), "takes [0-9]+ bytes of stack", ((
              "core/curve/tables.go", "!agree(a.Shared, a.Private, a.Public)", "Agree(a.Shared, a.Private, a.Public) != nil",
          ),)),
    Fault("residue", "a prekey that is refused stays", RESIDUE, LEFT, ((
        "core/signal/prekeys.go", "\t\tsecret.Wipe(key)\n", "",
    ),)),
    Fault("TestEndedTransactionHasNothing", "a row that is read ahead and not used stays",
          go("TestEndedTransactionHasNothing", "core/store"), "is left", ((
              "core/store/tx.go", "secret.Wipe(row.sealed)", "secret.Wipe(row.sealed[:0])",
          ),)),
    Fault("residue", "a store that is not opened keeps its keys", RESIDUE, LEFT, ((
        "core/store/key.go", "\tdefer secret.WipeObject(aead)\n\tdefer clear(wrappingKey[:])\n\tvar room ",
        "\t_ = wrappingKey\n\tvar room ",
    ),)),
    Fault("residue", "an escape in a record's JSON is taken apart", RESIDUE, LEFT, ((
        "core/session/jsonrecord.go", "bytes.IndexByte(b, '\\\\') >= 0", "bytes.IndexByte(b, 0) >= 0",
    ), (
        "tests/boundary/refusals.c", "\t\tREFUSED(MALFORMED, callkey_session_import(c->caller, \"4444444444:1@lid\"",
        "\t\tCHECK(callkey_session_import(c->caller, \"4444444444:1@lid\"",
    ))),
    Fault("residue", "stacks are not cleared where the runtime does not", RESIDUE, LEFT, STACKS_ARE_NOT_CLEARED),
    Fault("TestDoClearsTheStack", "stacks are not cleared", go("TestDoClearsTheStack", "core/secret"),
          "words are left on the stack", STACKS_ARE_NOT_CLEARED),
    Fault("TestClear", "a vector register is forgotten", go("TestClear", "core/secret/internal/registers"),
          "the registers hold", ((
              "core/secret/internal/registers/registers_amd64.s", "\tPXOR X3, X3\n", "",
          ),)),
    Fault("TestClear", "a general register is forgotten", go("TestClear", "core/secret/internal/registers"),
          "the registers hold", ((
              "core/secret/internal/registers/registers_amd64.s", "\tXORL R15, R15\n", "",
          ),)),
    Fault("TestRowNameClearsRegisters", "a row's name is computed outside of what is cleared",
          go("TestRowNameClearsRegisters", "core/store"), "words are left in registers", ((
              "core/store/sealer.go",
              "secret.Do(func() { sumNames(&sums, key, t, names) })",
              "sumNames(&sums, key, t, names)",
          ),)),
    Fault("TestNamesClearRegisters", "a list leaves the end of a session in registers",
          go("TestNamesClearRegisters", "core/store"), "words in registers", ((
              "core/store/walk.go",
              "\tsecret.ClearRegisters()\n", "",
          ),)),
    Fault("TestNamesClearRegisters", "a copy of a session stays in registers",
          go("TestNamesClearRegisters", "core/store"), "memory: the copy of a row", ((
              "core/secret/copy.go", "\tClearRegisters()\n", "",
          ),)),
    Fault("TestEveryBit", "a forged frame opens", go("TestEveryBit", "core/sframe"), r"bit \d+: <nil>", ((
        "core/aes/gcm.go", "right := subtle.ConstantTimeCompare(tag[:], sealed[len(plaintext):]) == 1",
        "right := subtle.ConstantTimeCompare(tag[:], sealed[len(plaintext):]) <= 1",
    ),)),
    Fault("TestGCMStateIsCleared", "the cipher of a frame stays on the stack", go("TestGCMStateIsCleared", "core/aes"),
          "left are", ((
              "core/aes/gcm.go", "sealed[len(plaintext):]), len(plaintext))\n\tg = gcm{}\n",
              "sealed[len(plaintext):]), len(plaintext))\n",
          ), (
              "core/aes/gcm.go", "\tg = gcm{}\n\tclear(tag[:])\n", "\tclear(tag[:])\n",
          ))),
    Fault("TestWipeObject", "nothing is wiped", go("TestWipeObject", "core/secret"), "something is left",
          NOTHING_IS_WIPED),

    # What leaves the library.
    Fault("output", "a word on stderr", boundary("output"), "something was written", ((
        "capi/frame.go", "\terr := work()\n", "\tprintln(\"callkey\")\n\terr := work()\n",
    ),)),
    Fault("output", "a file that is not the store's", boundary("output"), "a system call that should not be",
          in_generate('\tif f, err := os.Open("/etc/hostname"); err == nil {\n\t\tf.Close()\n\t}\n')),
    Fault("output", "an environment variable", boundary("output"), "the environment is read by",
          in_generate('\tif os.Getenv("CALLKEY_DEBUG") != "" {\n\t\tpanic("debug")\n\t}\n')),
    Fault("output", "the runtime interrupts threads by a signal", boundary("output"),
          "a system call that should not be", ((
              "tools/build.py", 'RUNTIME = "asyncpreemptoff=1,', 'RUNTIME = "',
          ),)),

    # The Kotlin package, and Android.
    Fault("test-platforms", "Kotlin uses what Android 7 lacks", "python3 -m tests.platforms.android classes",
          r"java\.txt does not say since when Android has it", ((
              "bindings/kotlin/src/main/kotlin/callkey/Loading.kt", "File(folder, name).absoluteFile",
              "File(folder, name).toPath().toFile().absoluteFile",
          ),)),
    Fault("test-platforms", "Android loads the class of desktops", "python3 -m tests.platforms.android classes",
          "callkey/Unpacked is used by", ((
              "bindings/kotlin/src/main/kotlin/callkey/Library.kt", "        native\n    }\n",
              "        native\n        if (version.isEmpty()) Unpacked.load(Platform.ofThisJVM())\n    }\n",
          ),)),
    Fault("test-platforms", "C calls what Android 7 has not", "python3 -m tests.platforms.android",
          "undefined reference to `explicit_bzero'", ((
              "bindings/kotlin/src/main/c/call.c", "\t\tfree(call->blocks);\n",
              "\t\texplicit_bzero(call->blocks, sizeof *call->blocks);\n\t\tfree(call->blocks);\n",
          ), ("tools/jni.py", '"-std=c11", "-O2"', '"-std=gnu11", "-O2"'))),
    Fault("test-kotlin", "a rule for shrinkers is forgotten", kotlin("shrink"), "shrunk with the rules, the app says", ((
        "bindings/kotlin/src/main/resources/META-INF/proguard/callkey.pro",
        "-keep class callkey.SecretBytes { java.nio.ByteBuffer room(int); }\n", "",
    ),)),
    Fault("test-kotlin", "a Mac's library is looked for under another name", kotlin("PlatformTest"),
          "PlatformTest.placeInTheJar", ((
              "bindings/kotlin/src/main/kotlin/callkey/Platform.kt", '"libcallkey_jni.dylib"', '"libcallkey_jni.jnilib"',
          ),)),
    Fault("test-kotlin", "a second copy of the library goes unnoticed", kotlin("'LoadingTest#anotherCopy'"),
          "LoadingTest.anotherCopy", ((
              "bindings/kotlin/src/main/kotlin/callkey/Loading.kt", '"/libcallkey.so" in "/$it"',
              '"/libcallkey.none" in "/$it"',
          ),)),

    # Forks, panics, handles, buffers.
    Fault("fork", "a child is not noticed", boundary("fork"), "not so: read", ((
        "capi/fork.c", "return *parent == 0;", "return 0;",
    ),)),
    Fault("panic", "a panic ends the process", boundary("panic"), "panic: .* out of range", ((
        "capi/frame.go", "cause := recover()", "cause := any(nil)",
    ),)),
    Fault("panic", "the library goes on after a panic", boundary("panic"), "not so: !before", ((
        "capi/guard.c", "atomic_store_explicit(&state, BROKEN", "atomic_store_explicit(&state, SOUND",
    ),)),
    Fault("TestPanicOfAnotherGoroutine", "a panic in a goroutine ends the process",
          go("TestPanicOfAnotherGoroutine", "core/parallel"), "panic: not the caller", ((
              "core/parallel/parallel.go", "r := recover(); r != nil", "r := any(nil); r != nil",
          ),)),
    Fault("TestHandleWaitsForCalls", "a handle is taken back while a call uses it",
          go("TestHandleWaitsForCalls", "capi"), "given back while a call was using it", ((
              "capi/handles.go", "\tentry.calls.Wait()\n", "",
          ),)),
    Fault("handles", "a closed store's file stays open", boundary("handles"), "not so: after.descriptors", ((
        "core/store/store.go", "return s.backend.close()", "return nil",
    ),)),
    Fault("TestNoGoroutineIsLeft", "a goroutine for each store", go("TestNoGoroutineIsLeft", "capi"),
          "goroutines before", ((
              "core/store/store.go", "\treturn newStore(newMemory(), o), nil",
              "\t\tgo func() { select {} }()\n\t\treturn newStore(newMemory(), o), nil",
          ),)),
    Fault("TestTokensAreRandom", "tokens are counted", go("TestTokensAreRandom", "capi"), "tokens are below", ((
        "capi/handles.go", "n := binary.NativeEndian.Uint64(token[:]) >> 1", "n := uint64(len(h.open) + 1)",
    ), ("capi/handles.go", "\t\"encoding/binary\"\n", ""))),
    Fault("trials", "one byte too many is written", TRIALS,
          r"callkey_participant_id, exactly enough room, .*\nunexpected fault address", ((
              "capi/output.go", "need)\n\tto[copy(to, text)] = 0", "need+1)\n\tto[copy(to, text)], to[need] = 0, 0",
          ),)),
    Fault("trials", "one byte too many is read", TRIALS, r"callkey_warp_tag, .*\nunexpected fault address", ((
        "capi/derive.go", "bytesAt(authKey, authKeyLen), bytesAt(packet, packetLen),",
        "bytesAt(authKey, authKeyLen), bytesAt(packet, packetLen+min(packetLen, 1)),",
    ),)),

    # Names, layouts, the binary interface.
    Fault("symbols", "a function is declared and not exported",
          "make -s lib && go run ./tools/contract exports build/libcallkey.so.0", "callkey_extra", ((
              "include/callkey.h", "/** Set n bytes at p to zero;",
              "/** Nothing. */\nCALLKEY_EXPORT void callkey_extra(void);\n\n/** Set n bytes at p to zero;",
          ),)),
    Fault("symbols", "the functions have no version node",
          "make -s lib && go run ./tools/contract exports build/libcallkey.so.0", 'has the version node ""', ((
              "capi/callkey.map", "CALLKEY_0.3 { global:", "{ global:",
          ),)),
    Fault("ignored", "a status can be ignored without a warning", "python3 -m tools.ignored gcc", "gcc takes a program that ignores", ((
        "include/callkey.h", "#  define CALLKEY_API CALLKEY_EXPORT __attribute__((warn_unused_result))", "#  define CALLKEY_API CALLKEY_EXPORT",
    ),)),
    Fault("ignored", "closing a store without a use of its status is a warning", "python3 -m tools.ignored gcc", "callkey_store_close", ((
        "include/callkey.h", "CALLKEY_EXPORT callkey_status callkey_store_close", "CALLKEY_API callkey_status callkey_store_close",
    ),)),
    Fault("abi", "a struct is larger", "make -s lib && go run ./tools/contract abi build/debug/libcallkey.so.0", "breaks programs", ((
        "include/callkey.h", "public_key[CALLKEY_PUBLIC_KEY_BYTES];\n} callkey_prekey;",
        "public_key[CALLKEY_PUBLIC_KEY_BYTES];\n\tuint32_t more;\n} callkey_prekey;",
    ),)),
    Fault("layout", "a member moves", "go run ./tools/contract check", r'callkey_prekey has "uint8_t public_key\[32\]" at 0', ((
        "include/callkey.h",
        "\tuint32_t id; /* 1 to 16777215 */\n\tuint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];\n} callkey_prekey;",
        "\tuint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];\n\tuint32_t id;\n} callkey_prekey;",
    ),)),
    Fault("sizes", "a macro and its function differ", "make -s lib && python3 -m tests.c.run", "FAIL", ((
        "capi/constants.c", "return CALLKEY_KEY_BYTES;", "return CALLKEY_KEY_BYTES - 1;",
    ),)),

    Fault("glibc", "a function that only a newer glibc has", "make -s lib && python3 -m tools.glibc build/libcallkey.so.0",
          "2.36 or later", ((
              "capi/guard.c", "\tswitch (atomic_load_explicit(&state",
              "\tunsigned arc4random(void);\n\tif (arc4random() == 0)\n\t\treturn CALLKEY_OK;\n"
              "\tswitch (atomic_load_explicit(&state",
          ),)),

    Fault("size", "five megabytes that nobody needs", CHECK, "more than 10 MB", ((
        "capi/library.go", "func main() {}",
        "var ballast = [5 << 20]byte{1}\n\nfunc init() { ballast[0]++ }\n\nfunc main() {}",
    ),)),

    # A guest in the host's process.
    Fault("host", "a host's signals come while its thread is inside", host("storm"), "FAIL storm: .*(exit status|signal)", ((
        "capi/thread.c", "\tset_mask(&others, &before->mask);\n", "\tset_mask(NULL, &before->mask);\n",
    ),)),
    Fault("host", "the signal of a write that was too long stays", host("limits"), "FAIL limits", ((
        "capi/store.go", "return !s.Options().Memory }", "return s.Options().Memory }",
    ),)),
    Fault("host", "errno is what a system call of ours left", host("state"), "changed errno", ((
        "capi/thread.c", "\terrno = before->error;\n", "\terrno = 4;\n",
    ),)),
    Fault("host", "a thread is cancelled in the middle of a call", host("cancel"), "FAIL cancel: .*(exit status|signal)", ((
        "capi/thread.c", "pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before->cancel);",
        "pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before->cancel);",
    ),)),
    Fault("host", "a thread of ours takes the host's SIGCHLD", host("threads"), "has signals open .mask 10000", ((
        "capi/runtime/mask.patch", "+\tsigdelset(&blocked, SIGSYS);\n", "+\tsigdelset(&blocked, SIGSYS);sigdelset(&blocked, SIGCHLD);\n",
    ),)),

    # The sources. These rows of `make check` come before all that takes long.
    Fault("format", "a space too many", CHECK, "not gofmt'ed: capi/frame.go", ((
        "capi/frame.go", "\terr := work()\n", "\terr :=  work()\n",
    ),)),
    Fault("vet", "a lock is copied", CHECK, "passes lock by value", ((
        "core/store/store.go", "func newStore(", "func copied(s Store) bool { return s.closed }\n\nfunc newStore(",
    ),)),
    Fault("staticcheck", "a function that nobody calls", CHECK, "func unused is unused", ((
        "core/store/store.go", "func newStore(", "func unused() {}\n\nfunc newStore(",
    ),)),
    Fault("modules", "a module that we import is said to be indirect", CHECK, r"\+\s*golang.org/x/sys", ((
        "go.mod", "\tgolang.org/x/sys v0.49.0\n", "\tgolang.org/x/sys v0.49.0 // indirect\n",
    ),)),
    Fault("modules", "a module's file was changed after it was downloaded", "python3 -m tests.faults.modules",
          "dir has been modified", (("tests/faults/modules.py", 'CHANGED = ""', 'CHANGED = "golang.org/x/crypto@*/README.md"'),)),
    Fault("assembly", "the lanes' assembly is edited by hand", "python3 -m tools.assembly check", "is not what tools/lanes writes", ((
        "core/curve/lanes/arithmetic_amd64.s", "TEXT ·ladder(SB), $2944-24\n", "TEXT ·ladder(SB), $3008-24\n",
    ),)),
    Fault("assembly", "an element of the lanes is squared before it is carried", "python3 -m tools.assembly check",
          "has more than 52 bits", (("tools/lanes/ladder.go", "\tk.carry(&f)\n", ""),)),
    Fault("shellcheck", "an expansion without quotes", CHECK, "SC2086", ((
        "tests/platforms/wine.sh", '$(cd "$(dirname "$0")/../.."', '$(cd "$(dirname $0)/../.."',
    ),)),
    Fault("header", "a comment that C89 does not have", CHECK, "callkey.h", ((
        "include/callkey.h", "/* 1 to 16777215 */\n\tuint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];\n} callkey_prekey;",
        "// 1 to 16777215\n\tuint8_t public_key[CALLKEY_PUBLIC_KEY_BYTES];\n} callkey_prekey;",
    ),)),

    Fault("link", "a symbol that nobody has", "make -s lib", "undefined reference to `callkey_nobody'", ((
        "capi/guard.c", "callkey_status guard_refuse(", "extern int callkey_nobody(void);\n\ncallkey_status guard_refuse(",
    ), (
        "capi/guard.c", "\treturn CALLKEY_ERR_ARGUMENT;", "\treturn callkey_nobody() ? CALLKEY_ERR_ARGUMENT : 0;",
    ))),
    Fault("warnings", "an example frees a pointer that it may not have set", "python3 -m tools.c_warnings clang",
          "answered_call.c:.*sometimes-uninitialized", ((
              "examples/c/answered_call.c", "*stanza = NULL;", "*stanza;",
          ),)),

    # Timing.
    Fault("comparisons", "a secret is compared up to its first difference", "go run ./tests/comparisons ./core/...",
          "epoch.go:.*bytes.Equal", ((
              "core/epoch/epoch.go", "subtle.ConstantTimeCompare(n.secret[:], epoch) != 1",
              "!bytes.Equal(n.secret[:], epoch)",
          ), ("core/epoch/epoch.go", '"crypto/subtle"', '"bytes"'))),
    Fault("ctime", "the padding is compared up to its first difference", "SAMPLES=20000 python3 -m tests.ctime.run",
          "Padding .* DEPENDS ON THE SECRET", ((
              "core/envelope/padding.go",
              "good &= outside | subtle.ConstantTimeByteEq(plaintext[length-i], last)\n",
              "good &= outside | subtle.ConstantTimeByteEq(plaintext[length-i], last)\n"
              "\t\tif good != 1 {\n\t\t\tbreak\n\t\t}\n",
          ),)),

    # Lists, and what is removed.
    Fault("TestListsOfAUser", "internal rows are listed as aliases", go("TestListsOfAUser", "core/signal"),
          "lists .*group ", ((
              "core/signal/list.go", "!isGroup(name) && known", "known",
          ),)),
    Fault("TestListsOfAUser", "a list begins again with its last row", go("TestListsOfAUser", "core/signal"),
          "is listed twice", ((
              "core/store/memory.go", "\tif there {\n\t\tat++\n\t}\n", "\t_ = there\n",
          ),)),
    Fault("TestRemoveUser", "a user's other names stay", go("TestRemoveUser", "core/signal"), "rows", ((
        "core/signal/user.go", "\t\ttx.Delete(store.Aliases, string(name))\n", "\t\t_ = name\n",
    ),)),
    Fault("TestRemovedUserIsMetAnew", "the base keys of first messages go with their user",
          go("TestRemovedUserIsMetAnew", "core/signal"), "want one of", ((
              "core/signal/user.go", "\treturn removeKept(tx, h.devices)\n",
              "\tforgetBaseKeys(tx, 1)\n\treturn removeKept(tx, h.devices)\n",
          ),)),
    Fault("TestRemovingNothingWritesNothing", "what is not there is removed too",
          go("TestRemovingNothingWritesNothing", "core/signal"), "something was written", ((
              "core/signal/user.go", "\tif has {\n", "\tif has || err == nil {\n",
          ),)),

    Fault("TestCopiesOfSecretsAreWiped", "the copy of an account stays on the stack",
          go("TestCopiesOfSecretsAreWiped", "tools/contract"), "not wiped", ((
              "tools/contract/shim.go", "filled, p.Name, last)\n\t\t\tif p.Secret() {\n",
              'filled, p.Name, last)\n\t\t\tif p.Secret() && p.Count != "" {\n',
          ),)),

    # What is linked, and what the pages say.
    Fault("licences", "a component that the list lacks",
          "make -s build/libcallkey.so.0 build/without-libsignal/libcallkey.so.0 && "
          "go run ./supply check build/libcallkey.so.0 build/without-libsignal/libcallkey.so.0 THIRD_PARTY.md",
          "THIRD_PARTY.md", ((
              "THIRD_PARTY.md", "| github.com/cloudflare/circl | v1.6.5 | BSD-3-Clause | both | X25519, and field arithmetic for public keys and signatures |\n", "",
          ),)),
    Fault("without_libsignal", "the switch is forgotten",
          "make -s build/libcallkey.so.0 && python3 -m tests.without_libsignal.run", "links go.mau.fi/libsignal", ((
              "tools/build.py", '        made.tags.append("without_libsignal")\n', "        pass\n",
          ),)),
    Fault("without_libsignal", "the other library's record is told to be damaged",
          "make -s build/libcallkey.so.0 && python3 -m tests.without_libsignal.run", "import: CALLKEY_ERR_MALFORMED", ((
              "core/session/jsonrecord_unsupported.go", "status.New(status.Unsupported,", "status.New(status.Malformed,",
          ),)),
    Fault("TestSignsAsXEdDSASays", "the nonce of a signature does not depend on the key",
          go("TestSignsAsXEdDSASays", "core/curve"), "R is", ((
              "core/curve/sign.go", "\thash.Write(clamped[:])\n", "",
          ),)),
    Fault("TestSignaturesTogetherAreVerify", "two wrong signatures cancel each other",
          go("TestSignaturesTogetherAreVerify", "core/curve"), "one at a time: false", ((
              "core/curve/batched.go", "return *z.Add(&z, &scalarOne)", "return scalarOne",
          ),)),
    Fault("TestSignaturesTogetherAreVerify", "the R of a signature may have a torsion part",
          go("TestSignaturesTogetherAreVerify", "core/curve"), "one at a time: false", ((
              "core/curve/batch.go", "return b.r.primeOrder()", "return b.r.halve(new(field.Element))",
          ),)),
    Fault("sbom", "the bill of materials is another one each time",
          "make -s lib && python3 -m tools.sbom build/libcallkey.so.0", "two bills of materials .* differ", ((
              "supply/sbom.go", 'SpecVersion: "1.6", Version: 1,', 'SpecVersion: "1.6", Version: os.Getpid(),',
          ),)),
    Fault("vulnerabilities", "a function of ours calls one that is known to be vulnerable", "python3 -m tools.vulnerabilities",
          "GO-2099-0001", ((
              "tools/vulnerabilities.py", "    found = run(\n",
              "    folder = Path('build', 'osv').absolute()\n    folder.mkdir(parents=True, exist_ok=True)\n"
              "    (folder / 'GO-2099-0001.json').write_bytes(Path('tests/faults/vulnerability.json').read_bytes())\n"
              "    found = run(\n",
          ),)),
    Fault("reproducible", "the folder gets into the library",
          'make -s lib && python3 -m tools.reproduce build/libcallkey.so.0 "$(go env GOCACHE)"', "two builds .* differ", ((
              "tools/build.py", 'flags.append("-buildid=")', 'flags.append(f"-buildid={ROOT}")',
          ),)),
    Fault("docs", "a page names a test that there is not", "python3 -m tools.docs", "no test is named TestNothing", ((
        "docs/security.md", "call key that it sends us | `TestFirstCall` |", "call key that it sends us | `TestNothing` |",
    ),)),

    Fault("style", "a type that is not the right one", "python3 -m tools.style", "Incompatible types in assignment", ((
        "bindings/python/src/callkey/_handle.py", "    _handle = 0\n", "    _handle: str = 0\n",
    ),)),

    # What we write.
    Fault("TestVideo", "the attributes of <video> in another order", go("TestVideo", "core/stanza"), "defaults: <video", ((
        "core/stanza/video.go",
        "\tw.number(wordDeviceOrientation, o.VideoDeviceOrientation)\n\tw.number(wordScreenWidth, o.VideoWidth)\n",
        "\tw.number(wordScreenWidth, o.VideoWidth)\n\tw.number(wordDeviceOrientation, o.VideoDeviceOrientation)\n",
    ),)),
    Fault("TestVideo", "a video offer with the capability of audio", go("TestVideo", "core/stanza"),
          "with 0105f709e0bb13, want", ((
              "core/stanza/offer.go", "\t\treturn videoCapability\n", "\t\treturn audioCapability\n",
          ),)),
    Fault("TestBadVideo", "an app that wants video gets an audio call", go("TestBadVideo", "core/stanza"),
          "video_height in an audio offer: <nil>", ((
              "core/stanza/video.go", '\t\t\t{"video_height", o.VideoHeight != 0},\n', "",
          ),)),
    Fault("TestDeviceZeroOnTheWire", "device 0 has its number on the wire", go("TestDeviceZeroOnTheWire", "core/stanza"),
          "the wire has a device 0", ((
              "core/stanza/encode.go", "if j.device != 0 {", 'if j.device != 0 || j.server == "lid" {',
          ),)),
    Fault("TestDeviceZeroIsRead", "a device has the name that the stanza spells", go("TestDeviceZeroIsRead", "core/stanza"),
          'sender "222@lid"', ((
              "core/stanza/jid.go", 'j.device != 0 || j.server == "lid" && len', 'j.device != 0 || j.server == "" && len',
          ),)),

    # What a session alone must not do.
    Fault("TestFault06_PromotedStateStaysArchived", "a session that is current again stays in the archive for good",
          go("TestFault06_PromotedStateStaysArchived", "core/session"), "opened twice|in the record twice", ((
              "core/session/record.go",
              "\tr.archived = slices.DeleteFunc(r.archived, func(a *state) bool { return a == from })\n", "",
          ), (
              "core/session/incoming.go", "\tfrom.wipe()\n", "",
          ), (
              "core/session/incoming.go", "if turned && r.current == next {", "if turned && r.current != next {",
          ))),
    Fault("TestFault19_TrustIsCheckedTooLate", "a record is trusted instead of the program",
          go("TestFault19_TrustIsCheckedTooLate", "core/session"), "sealed for an identity that is not trusted", ((
              "core/session/advance.go", "\t\tc, err = r.seal(wire, plaintext, keys.Identity, now)\n",
              "\t\ttrusted, _ := r.Identity()\n\t\tc, err = r.seal(wire, plaintext, trusted[:], now)\n",
          ),)),
    Fault("TestFault27_CopiesOfOneSession", "merged records seal with the chain that stayed behind",
          go("TestFault27_CopiesOfOneSession", "core/session"), "a message key was used twice", ((
              "core/session/handshakes.go", "if other.sender.chain.index > s.sender.chain.index {",
              "if other.sender.chain.index < s.sender.chain.index {",
          ),)),
    Fault("TestOldArchiveBesideANewerSession", "an archive of another time is read",
          go("TestOldArchiveBesideANewerSession", "core/signal"), "an old archive, open the message that was opened", ((
              "core/session/archive.go",
              "\tcase its != r.mark: // public: a mark is no secret\n\t\treturn malformed(\"a session's archive is of another time\")\n", "",
          ),)),
    Fault("TestOrdinaryMessagesLeaveTheArchive", "each message reads the archive",
          go("TestOrdinaryMessagesLeaveTheArchive", "core/session"), "the archive was read", ((
              "core/session/archive.go", "return m.counter == s.receivers[i].chain.index", "return false",
          ),)),
    Fault("TestDroppedChainLeavesTheArchive", "the keys of a dropped chain stay in the archive",
          go("TestDroppedChainLeavesTheArchive", "core/session"), "still has the key", ((
              "core/session/archive.go", " && s.receivers[0].away > 0\n", " && s.receivers[0].away > maxSkipped\n",
          ),)),
    Fault("TestAnswerSettlesTheArchive", "a diverged session stays in the archive",
          go("TestAnswerSettlesTheArchive", "core/session"), "states stay in the archive", ((
              "core/session/archive.go", "m.counter == 0 && !r.kin && !drops", "m.counter == 0 && !drops",
          ),)),
    Fault("TestArchiveOfAnOldCopyStaysStale", "the archive of an old copy seals",
          go("TestArchiveOfAnOldCopyStaysStale", "core/signal"), "is the current one", ((
              "core/session/archive.go", "s.stale = s.stale || stale", "_ = s",
          ),)),
    Fault("TestNoArchiveWithoutItsSession", "a user's archives stay", go("TestNoArchiveWithoutItsSession", "core/signal"),
          "the user is removed: . archives", ((
              "core/signal/storage.go", "{store.Chains, store.Sessions, store.Archives}", "{store.Chains, store.Sessions}",
          ),)),
    Fault("TestNoArchiveWithoutItsSession", "the chain keys of a session that was removed stay",
          go("TestNoArchiveWithoutItsSession", "core/signal"), "its session is removed: .* has chains: true", ((
              "core/signal/storage.go", "{store.Chains, store.Sessions, store.Archives}", "{store.Sessions, store.Archives}",
          ),)),
    Fault("TestOrdinaryMessagesWriteTheChainsOnly", "a message that finds a skipped one writes the chains only",
          go("TestOrdinaryMessagesWriteTheChainsOnly", "core/session"), "after a skipped one: it wrote the chains row only", ((
              "core/session/chains.go", " || len(a.skipped) != len(b.skipped)", "",
          ), (
              "core/session/chains.go", "\t\t\tmost = 1\n", "\t\t\tmost = 2\n",
          ))),
    Fault("TestRowsAreOneRecord", "a message on an older chain writes the chains only",
          go("TestRowsAreOneRecord", "core/session"), "the records are not one|differs from its rows", ((
              "core/session/chains.go", "most := uint32(0) // that", "most := uint32(1) // that",
          ),)),
    Fault("TestOrdinaryMessagesWriteTheChainsOnly", "a used chain key stays in the session row",
          go("TestOrdinaryMessagesWriteTheChainsOnly", "core/session"), "a chain key is in another row too|does not lack", ((
              "core/session/chains.go", "return f == bare && i == len(s.receivers)-1", "return f == bare && i == len(s.receivers)",
          ),)),
    Fault("TestChainsOfDifferentTimes", "chains of another time fit",
          go("TestChainsOfDifferentTimes", "core/session"), "old chains: seal", ((
              "core/session/chains.go", "case mark(b) != r.chains:", "case false:",
          ),)),
    Fault("TestChainsOfDifferentTimes", "a session's rows keep their mark when both are written",
          go("TestChainsOfDifferentTimes", "core/session"), "old chains: seal", ((
              "core/session/rows.go", "\tr.chains = mark{}\n", "",
          ), (
              "core/session/rows.go", "\t\trandom(r.chains[:])\n", "\t\tif r.chains == (mark{}) {\n\t\t\trandom(r.chains[:])\n\t\t}\n",
          ))),
    Fault("TestImportWithoutAKey", "an import without a key replaces a good session",
          go("TestImportWithoutAKey", "core/session"), "<nil>", ((
              "core/session/encoding.go", "if err := s.hasKeys(); err != nil {", "if s.hasKeys() != nil && s == nil {\n\t\t\tvar err error",
          ),)),
    Fault("TestUndatedSessionGetsADate", "a session without a date never gets one",
          go("TestUndatedSessionGetsADate", "core/session"), "message 0", ((
              "core/session/chains.go", " && !r.current.pending.undated", "",
          ),)),
    Fault("TestRowsThatAnotherProcessWrites", "an error is believed although another process has committed meanwhile",
          go("TestRowsThatAnotherProcessWrites", "core/signal"), "stored sessions", ((
              "core/store/store.go", "case failure == nil && now != tx.version:",
              "case err == nil && failure == nil && now != tx.version:",
          ),)),
    Fault("TestRowsAreOneRecordWhateverHappens", "a message that is ahead leaves its skipped keys out of the archive",
          go("TestRowsAreOneRecordWhateverHappens", "core/session"), "session archive has keys of skipped messages", ((
              "core/session/archive.go", "return m.counter == s.receivers[i].chain.index", "return m.counter >= s.receivers[i].chain.index",
          ),)),
    Fault("TestKeptSessionsHistories", "a call leaves the session that it takes",
          go("TestKeptSessionsHistories", "core/store"), "keeps a wiped value|keeps counter", ((
              "core/store/kept.go", "\t\t\tone.row, one.value = e.row, k.leave(e)\n", "\t\t\tone.row, one.value = e.row, e.value\n",
          ),)),
    Fault("TestKeptSessionsHistories", "a kept session counts after another process's commit",
          go("TestKeptSessionsHistories", "core/store"), "keeps counter|goes from 3 to 3", ((
              "core/store/kept.go", "\tk.at(version)\n\tfor i := range names", "\tfor i := range names",
          ),)),
    Fault("TestKeptSessionsHistories", "a session that is kept late counts after another process's commit",
          go("TestKeptSessionsHistories", "core/store"), "keeps counter", ((
              "core/store/kept.go", "\tk.at(version)\n\tif k.byName", "\tif k.byName",
          ),)),
    Fault("TestKeptSessionsHistories", "a session is kept although a row of it was written",
          go("TestKeptSessionsHistories", "core/store"), "keeps counter", ((
              "core/store/tx.go", "\tif t.isKept() {", "\tif t.isKept() && name == \"\" {",
          ),)),
    Fault("TestKeptSessionsHistories", "a session is kept without its commit",
          go("TestKeptSessionsHistories", "core/store"), "keeps counter", ((
              "core/store/kept.go", "\tcase committed:\n", "\tcase committed || tx.keeps != nil:\n",
          ),)),
    Fault("TestNothingIsLeftOfSessions", "a closed store leaves its kept sessions",
          go("TestNothingIsLeftOfSessions", "core/signal", "runtimesecret"), "left are", ((
              "core/store/store.go", "\ts.kept.wipe()\n", "",
          ),)),
    Fault("TestKeptValuesAreBounded", "an evicted session is not wiped", go("TestKeptValuesAreBounded", "core/store"),
          "value 1 is wiped: false", ((
              "core/store/kept.go", "\tfor k.bytes > maxKeptBytes {\n\t\tk.remove(k.oldest)",
              "\tfor k.bytes > maxKeptBytes {\n\t\tdelete(k.byName, k.oldest.name)\n\t\tk.leave(k.oldest)",
          ),)),
    Fault("TestRowOfAKeptValueIsTheNames", "a session that comes back under another name is written into the row before",
          go("TestRowOfAKeptValueIsTheNames", "core/store"), "the row of ", ((
              "core/store/kept.go", "\tone := [1]keeping{{name, value, k.row}}", "\tone := [1]keeping{{name, value, tx.known.list[0].row}}",
          ),)),
    Fault("TestWrittenRowDropsItsKeptValue", "a session that was taken and came back is kept although a row of it was written",
          go("TestWrittenRowDropsItsKeptValue", "core/store"), "after Return", ((
              "core/store/kept.go", "\tk.taken = false\n", "",
          ),)),
    Fault("TestOfferThatBegins", "a begun session is sealed in before its rows are written",
          go("TestOfferThatBegins", "core/offer"), "does not open: .* session", ((
              "core/session/begin.go", "\tr.chains = mark{}", "\t_ = mark{}",
          ),)),
    Fault("TestOfferThatBeginsStays", "the identity of a session that begins with an offer is not trusted",
          go("TestOfferThatBeginsStays", "core/offer"), "identity key is not the trusted one", ((
              "core/signal/warm.go", "\tif w.first {\n", "\tif w.first && w.begun == nil {\n",
          ),)),
    Fault("TestRoomForAnOfferThatBegins", "who asks for an offer's size waits for its sessions",
          go("TestRoomForAnOfferThatBegins", "core/offer"), "no identity", ((
              "core/offer/seal.go", "\tif len(jids) <= stanza.MaxDevices {\n", "\tif len(jids) == 0 {\n",
          ),)),
    Fault("TestReleasedOffer", "two offers are written into the same memory",
          go("TestReleasedOffer", "core/offer"), "another offer changed it", ((
              "core/offer/seal.go", "\t\tsealed.in, sealed.loan = m, m.loans.Load()\n\t\treturn", "\t\tm.release()\n\t\treturn",
          ),)),
    Fault("TestReleasedOffer", "a copy of an offer that was released releases another one",
          go("TestReleasedOffer", "core/offer"), "another offer changed it", ((
              "core/offer/seal.go", "s.in.loans.CompareAndSwap(s.loan, s.loan+1)", "s.in.loans.Add(1) > 0",
          ),)),
    Fault("TestScratch", "two devices' ciphertexts have the same memory",
          go("TestScratch", "core/offer"), "given twice", ((
              "core/offer/scratch.go", "\tm.used += n\n", "\tm.used = n\n",
          ),)),
    Fault("TestLocksExcludeEachOther", "a lock that another call waits for is used for another name",
          go("TestLocksExcludeEachOther", "core/store"), "two have the lock of", ((
              "core/store/locks.go", "if one.users--; one.users > 0 {", "if one.users--; one.users > 1 {",
          ),)),
    Fault("TestRowInMemoryIsWiped", "a shorter row in memory leaves the end of the one before",
          go("TestRowInMemoryIsWiped", "core/store"), "and behind it", ((
              "core/store/memory.go", "\t\tsecret.Wipe(r.value[len(value):])\n", "",
          ),)),
    Fault("TestTransactionOfAPanicIsNotUsedAgain", "the transaction of a call that panicked is used again",
          go("TestTransactionOfAPanicIsNotUsedAgain", "core/store"), "it is released: true", ((
              "core/store/store.go", "\t\tif returned {", "\t\tif returned || !done {",
          ),)),
    Fault("TestManyChanges", "a statement of several rows passes over the next change", go("TestManyChanges", "core/store"),
          "of another table|want", ((
              "core/store/commit.go", "\t\tchanges = changes[n:]\n", "\t\tchanges = changes[min(n+n/Batch, len(changes)):]\n",
          ),)),
    Fault("TestEveryStagedRecordIsSealed", "a row of a long transaction is written as it is",
          go("TestEveryStagedRecordIsSealed", "core/store"), "a record that is not sealed", ((
              "core/store/sealer.go", "\t\tcase s == nil:\n\t\t\tc.row.value,", "\t\tcase s == nil || i == maxSealed-1:\n\t\t\tc.row.value,",
          ),)),
    Fault("TestFormsOfChains", "a session row is read as chain keys", go("TestFormsOfChains", "core/store"),
          "a row named in table 11", ((
              "core/store/sealer.go", "case (r.form == formUnnamed) != (t == Chains):", "case r.form == formUnnamed && t != Chains:",
          ),)),
    Fault("TestMigrationMeetsAForgedKind", "a row of a kind that has no name is read", go("TestMigrationMeetsAForgedKind", "core/store"),
          "panic", ((
              "core/store/query.go", " || kind == int64(Chains)", "",
          ),)),
    Fault("TestEveryStagedRecordIsSealed", "a record that is put again keeps the row of the one before",
          go("TestEveryStagedRecordIsSealed", "core/store"), "does not open under the storage key", ((
              "core/store/tx.go", "c.value, c.row.value, c.unmade = value, nil, true",
              "c.value, c.unmade = value, c.row.value == nil",
          ),)),
    Fault("TestChangesOfAWarmSession", "a warm session goes on with a key that is no longer trusted",
          go("TestChangesOfAWarmSession", "core/signal"), "to seal: <nil>", ((
              "core/store/kept.go", " || t == Archives || t == Identities", " || t == Archives",
          ),)),
    Fault("TestEncryptEach", "a message of a fan-out that is refused moves its ratchet", go("TestEncryptEach", "core/signal"),
          "refused: its rows changed", ((
              "core/signal/encrypt.go", "s[n].Ciphertext); err == nil {", "s[n].Ciphertext); err == nil || n > 0 {",
          ),)),
    Fault("TestSealAll", "the plaintext of a device stays beside its ciphertext", go("TestSealAll", "core/session"),
          "is left", ((
              "core/session/sealing.go", "\tdefer clear(s.written)\n", "",
          ),)),
    Fault("TestRowsAreOneRecordWhateverHappens", "a kept record has the state before",
          go("TestRowsAreOneRecordWhateverHappens", "core/session"), "the state before is still there", ((
              "core/session/incoming.go", "\tfrom.wipe()\n", "",
          ),)),
    Fault("TestKeepable", "a record is kept with its archive", go("TestKeepable", "core/session"), "with an archive: it is true", ((
              "core/session/keepable.go", " || r.archiveHint() > 0", "",
          ),)),
    Fault("TestForeignSchema", "a trigger beside the tables is passed over", go("TestForeignSchema", "core/store"),
          "a_trigger_on_the_archives", ((
              "core/store/schema.go", "ours := has == int64(", "ours := has >= int64(",
          ),)),
    Fault("TestForeignSchema", "a row of SQLite's schema without text is passed over", go("TestForeignSchema", "core/store"),
          "a_root_of_another_table", ((
              "core/store/schema.go", "+indexes && indexes <= 1\n", "+indexes\n",
          ),)),
    Fault("TestConversation", "a turn of the ratchet has randomness of its own", go("TestConversation", "core/session"),
          "random keys are left", ((
              "core/session/turn.go", "\trandom.keyPair(&next.private", "\tRandom(System).keyPair(&next.private",
          ),)),
    Fault("TestOneSourceOfRandomness", "a key pair has randomness of its own", go("TestOneSourceOfRandomness", "core/session"),
          "rand.Read is used outside of System", ((
              "core/session/session.go", "\tr(private[:])\n", "\trand.Read(private[:])\n",
          ),)),
    Fault("TestEveryScenarioIsPlayedOnBothLayers", "a fault is looked for over a store only",
          go("TestEveryScenarioIsPlayedOnBothLayers", "core/session/sessiontest/hardening"), 'is played by ""', ((
              "core/session/hardening_test.go", "\thardening.ForgeryMovesTheRatchet(t, newHolder(t))\n", "",
          ),)),

    # What a stanza tells.
    Fault("TestBadInput", "half of a damaged stanza is told", go("TestBadInput", "core/offer"), "got {Kind:1", ((
        "core/stanza/parse.go", "// it parsed\n\t\treturn info, nil, err\n\t}\n\treturn Info{}, nil, err",
        "// it parsed\n\t\treturn info, nil, err\n\t}\n\treturn info, nil, err",
    ),)),
    Fault("TestReadsOn", "a newer enc hides the one for us", go("TestReadsOn", "core/stanza"),
          "a newer enc in the same to", ((
              "core/stanza/encs.go", "readEnc(new(Info), enc); err == nil {", "readEnc(new(Info), enc); true || err == nil {",
          ),)),
    Fault("TestFault28_FirstContactUnderAnothersName", "a server's word is enough against a bot's",
          go("TestFault28_FirstContactUnderAnothersName", "core/offer"), "a bot as creator", ((
              "core/stanza/sender.go", "\t\t\tunconfirmed = true\n", "\t\t\tunconfirmed = len(names) == 0\n",
          ),)),
    Fault("TestParseVectors", "a group's update is not of a group", go("TestParseVectors", "core/offer"),
          "flags 0, want 2", ((
              "core/stanza/parse.go", 'case "enc_rekey", "group_update":', 'case "enc_rekey":',
          ),)),
    Fault("TestParseVectors", "the caller answers its own call", go("TestParseVectors", "core/offer"),
          'sender "111111111111111:2@lid", want ""', ((
              "core/stanza/sender.go", "if i.Kind == KindOffer {", "if i.Kind != KindNone {",
          ),)),
    Fault("test_accept_without_a_key", "a device that was not called answers",
          "make -s lib && python3 -m tests.python.run -q tests/test_answer.py", "FAILED.*test_accept_without_a_key", ((
              "bindings/python/src/callkey/_answer.py", 'raise WrongDeviceError(f"{info.sender} was not called")',
              "return sender",
          ),)),
    Fault("test_rolls_over", "a stream is lost at its first roll-over in Python",
          "make -s lib && python3 -m tests.python.run -q tests/test_srtp_judged.py", "FAILED.*test_rolls_over", ((
              "bindings/python/src/callkey/srtp/_window.py", "            roc += 1\n", "            roc += 0\n",
          ),)),
    Fault("test_another_platform", "a library of another platform fails for a loader's reason",
          "make -s lib && python3 -m tests.python.run -q tests/test_machine.py", "FAILED.*test_another_platform", ((
              "bindings/python/src/callkey/_library.py", "if not built or this_python() in built:", "if True:",
          ),)),

    # What other implementations judge.
    Fault("engines", "RTCP has the tags of RTP", engine("libsrtp"), "libsrtp 2 refuses our RTCP packet", ((
        "tests/engines/libsrtp/driver.c", "hmac_sha1_80(&policy->rtcp)", "hmac_sha1_32(&policy->rtcp)"),)),
    Fault("engines", "the suite has its other name", engine("ffmpeg"), "FFmpeg: its rtcp packet: .*the tag does not fit", ((
        "tests/engines/ffmpeg/send.sh", "SRTP_AES128_CM_HMAC_SHA1_32", "AES_CM_128_HMAC_SHA1_32"),)),
    Fault("engines", "an engine is led to another ROC", engine("pylibsrtp"), "pylibsrtp refuses our RTP packet after a change", ((
        "tests/engines/steps.py", "range(first % 30000, first, 30000)", "range(first % 30000, first - 70000, 30000)"),)),
    Fault("engines", "a line of the page is another one than the test's", engine("libsrtp"), r"docs/engines.md:\d+ is not what ran", ((
        "docs/engines.md", "policy->window_size = 1024;", "policy->window_size = 64;"),)),
    Fault("peers", "device 0 is written with its number", peer("go"), "FAIL whatsmeow: binary XML that we write", ((
        "core/stanza/encode.go", "\tif j.device != 0 {\n\t\tagent, _ :=", "\tif agent, ok := agentOf(j.server); ok {\n\t\t_, _ =",
    ),)),
    Fault("peers", "a difference by design has no row", peer("go"), "no row of docs/protocol.md", ((
        "docs/protocol.md", "| **Device 0 as text** |", "| Device 0 as text |",
    ),)),
    Fault("peers", "a call's padding says another length", peer("node"), "FAIL zapo-js: the padding that we write", ((
        "core/envelope/envelope.go", "\t\tplaintext[i] = n\n", "\t\tplaintext[i] = n - 1\n",
    ),)),

    Fault("peers", "an audio offer has another capability", f"{WACORE}.run rust", "FAIL wacore: offers: the default capability", ((
        "core/stanza/offer.go", "audioCapability = []byte{0x01, 0x05, 0xf7, 0x09, 0xe0,", "audioCapability = []byte{0x01, 0x05, 0xf7, 0x09, 0xe4,",
    ),)),
    Fault("peers", "seven epochs wait for their roster, not eight", f"{WACORE}.run rust", "FAIL wacore: group epochs: decisions", ((
        "core/epoch/epoch.go", "const MaxPending = 8", "const MaxPending = 7",
    ),)),
    Fault("peers", "a changed stanza has another meaning here", f"{WACORE}.rust.fuzz 20s", "FAIL two meanings: .*video", ((
        "core/stanza/parse.go", 'len(n.children("video")) != 0 ||', 'len(n.children("video")) == 1 ||',
    ),)),

    # Records that a program keeps.
    Fault("residue", "a record that was written out stays", RESIDUE, LEFT, ((
        "capi/record.go", "\t\t\tsecret.Wipe(w.data)\n", "\t\t\t_ = w.data\n",
    ),)),
    Fault("tests/c/records.c", "a record is overwritten while it is read", RECORDS, "FAIL overlaps", ((
        "capi/record.go", "if overlap(w.place(), other) {", "if w.n == nil && overlap(w.place(), other) {",
    ),)),
    Fault("tests/c/records.c", "BUFFER tells one of two sizes", RECORDS, "FAIL both sizes", ((
        "capi/record.go", "\t\t\t\t*w.n = C.size_t(len(w.data))\n\t\t\t}\n\t\t\treturn err\n",
        "\t\t\t\t*w.n = C.size_t(len(w.data))\n\t\t\t\tbreak\n\t\t\t}\n\t\t\treturn err\n",
    ),)),
    Fault("tests/c/records.c", "a first message opens for any identity", RECORDS, "FAIL keys that lack", ((
        "core/session/advance.go", "if err := in.Trusted(keys.Identity); err != nil {",
        "if err := in.Trusted(nil); err != nil {",
    ),)),

    # What is published.
    Fault("release", "a file's time is that of the disk", release("source"), "libcallkey-.*gz differs", ((
        "tools/release/pack.py", "entry.mtime = when()", "entry.mtime = int(file.lstat().st_ctime)",
    ),)),
    Fault("release", "the sources lack Go's runtime patches", release("source"), "FAIL source", ((
        "tools/release/source.py", "for name in tree.files()})", 'for name in tree.files() if not name.endswith(".patch")})',
    ),)),
    Fault("release", "the page forgets a file", release("source"), "does not say who libcallkey-.*gz is for", ((
        "tools/release/page.py", "for row, file in made]", "for row, file in made[1:]]",
    ),)),
    Fault("release", "a program finds the library only where it was built", release("linux-amd64"), "FAIL linux-amd64", ((
        "platforms/install/callkey.pc.in", "prefix=${pcfiledir}/../..", "prefix=/usr/local",
    ),)),
    Fault("release", "the bill is of another library", release("linux-amd64"), "it is of another library", ((
        "tools/release/library.py", 'go_run("./supply", "sbom", built, prefix / BILL)',
        'built.with_suffix(".a").write_bytes(built.read_bytes() + b"more"); go_run("./supply", "sbom", built.with_suffix(".a"), prefix / BILL)',
    ),)),

    # What runs the tests: a program that does nothing has not passed.
    Fault("fork", "the host says nothing", boundary("fork"), "it said nothing", ((
        "tests/boundary/fork.c", '\tprintf("%zu calls in each', '\t(void)sizeof printf("%zu calls in each',
    ),)),
    Fault("identity", "the hosts say nothing", host("identity"), "it said nothing", ((
        "tests/host/identity.c", '\tprintf("%d\\n", changes);', '\t(void)changes;',
    ),)),
    Fault("test-go", "there is no test", "python3 -m tools.gotest -run '^TestFits$' ./core/status", "no test ran", ((
        "core/status/buffer_test.go", "func TestFits(", "func testFits(",
    ),)),
    Fault("bot", "the judge lets a message open twice", "make -s lib && python3 -m tests.bot.cases", "opened_twice: {}", ((
        "tests/bot/judge.py", "elif letter.opened and (letter.committed or not device.keep_opened):", "elif letter.opened and letter.committed:",
    ),)),
    Fault("test-go-race", "a commit goes on without its lock",
          "go test -count=1 -race -short -tags sqlite_omit_load_extension -run '^TestKeptMessagesAndThreads$' ./core/offer",
          "DATA RACE", ((
              "core/store/commit.go", "(bool, error) {\n\tf.mu.Lock()\n\tdefer f.mu.Unlock()\n\tif !f.began {",
              "(bool, error) {\n\tif !f.began {",
          ),)),
    Fault("make check", "a check says nothing",
          "make -s lib && python3 -c 'from tools import check; check.module(\"tools.glibc\", check.NAME)()'",
          "tools.glibc says nothing", ((
              "tools/glibc.py", '    print(floor.replace(" ", ": ", 1))\n', "",
          ),)),
    Fault("make test", "a target is forgotten", "python3 -c 'from tools.test import jobs; jobs([])'",
          "make test does not run test-vectors", ((
              "tools/test.py", '    made("test-vectors"),\n', "",
          ),)),
]
