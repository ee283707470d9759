import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A JVM with the library inside. The JVM depends on signals: a null pointer in compiled code is a
 * SIGSEGV, and so is the end of a stack. Each must become its exception, on every thread and at
 * every depth, and every call of the library must give the right result.
 *
 * Properties: shim is the JNI shim; when is "early" (the shim is loaded first) or "late" (loaded
 * after the JIT has compiled the code that provokes exceptions, and threads have had some);
 * folder is for file stores; calls is the number of calls to make; watch counts the faults that
 * are signals; terminated is for a run that SIGTERM ends.
 */
public final class Jvm {
	static native int generate(byte[] key);

	static native int derive(byte[] keys, byte[] key, String participant);

	static native int open(long[] store, String path, byte[] storageKey);

	static native int close(long store);

	static native int begin(long caller, long callee, String jid);

	static native int seal(long store, byte[] ciphertext, int[] size, String jid, byte[] key);

	static native int unseal(long store, byte[] key, String jid, byte[] ciphertext, int[] size);

	static native void signal(int number);

	static native void watchFaults();

	static native int faults();

	static final int THREADS = 64, COMING = 4, SHORT_LIVED = 400, DUMPS = 5, SIGQUIT = 3, SIGTERM = 15;
	static final String CALLER = "111:0@lid", CALLEE = "222:1@lid", PARTICIPANT = "222:1@lid";
	static final byte[] KEY = new byte[32];
	static final byte[] KEYS = new byte[130];

	static final AtomicLong calls = new AtomicLong(), nulls = new AtomicLong(), deep = new AtomicLong(),
		edge = new AtomicLong(), collections = new AtomicLong(), shortLived = new AtomicLong();
	static volatile Throwable failure;
	static volatile Object garbage;

	static void ok(int status, String what) {
		calls.incrementAndGet();
		if (status != 0) {
			throw new IllegalStateException(what + ": status " + status);
		}
	}

	static void right(boolean is, String what) {
		if (!is) {
			throw new IllegalStateException(what);
		}
	}

	static final class Box {
		int value;
		Box next;
		byte[] bytes;
	}

	/** Each access to a field of a null object is a separate implicit check. */
	static int value(Box b) {
		return b.value;
	}

	static Box next(Box b) {
		return b.next;
	}

	static int length(Box b) {
		return b.bytes.length;
	}

	static void assign(Box b) {
		b.value = 3;
	}

	/** A null pointer, caught as NullPointerException. */
	static void provokeNull(int kind, Box b) {
		try {
			switch (kind & 3) {
			case 0:
				value(b);
				break;
			case 1:
				next(b);
				break;
			case 2:
				length(b);
				break;
			default:
				assign(b);
			}
		} catch (NullPointerException e) {
			nulls.incrementAndGet();
			return;
		}
		throw new IllegalStateException("no NullPointerException");
	}

	static int recurse(int n) {
		return n < 0 ? 0 : recurse(n + 1) + 1;
	}

	static void provokeOverflow() {
		try {
			recurse(0);
		} catch (StackOverflowError e) {
			deep.incrementAndGet();
			return;
		}
		throw new IllegalStateException("no StackOverflowError");
	}

	/** Calls on the rest of the stack. */
	static final class Depth {
		static final int ENOUGH = 20;

		final Runnable call;
		int made;

		Depth(Runnable call) {
			this.call = call;
		}

		/** On the way back from the stack's end each frame tries the call, until one fits. */
		void descend() {
			try {
				descend();
			} catch (StackOverflowError e) {
				if (made < ENOUGH) {
					call.run();
					made++;
				}
				throw e;
			}
		}
	}

	/** Makes the call as near to the end of the stack as the JVM lets a native call begin. */
	static void provokeOverflowIn(Runnable call) {
		Depth d = new Depth(call);
		try {
			d.descend();
		} catch (StackOverflowError e) {
			right(d.made == Depth.ENOUGH, "only " + d.made + " calls next to the end of the stack");
			edge.incrementAndGet();
			return;
		}
		throw new IllegalStateException("no StackOverflowError around calls");
	}

	/** Two stores, and a session from one to the other. */
	static final class Pair {
		final long caller, callee;
		final byte[] key = new byte[32], opened = new byte[32], ciphertext = new byte[1024];
		final int[] size = new int[2];

		Pair(String path) {
			long[] store = new long[1];
			ok(open(store, path, KEY), "open");
			caller = store[0];
			ok(open(store, null, null), "open in memory");
			callee = store[0];
			ok(begin(caller, callee, CALLEE), "begin");
		}

		void exchange() {
			ok(generate(key), "generate");
			ok(seal(caller, ciphertext, size, CALLEE, key), "seal");
			ok(unseal(callee, opened, CALLER, ciphertext, size), "open");
			right(Arrays.equals(key, opened), "opened to another key");
		}

		void close() {
			ok(Jvm.close(caller), "close");
			ok(Jvm.close(callee), "close");
		}
	}

	static void deriveOnce(byte[] keys) {
		ok(derive(keys, KEY, PARTICIPANT), "derive");
		right(Arrays.equals(keys, KEYS), "derived other keys");
	}

	/** The work of each thread. */
	static void work(int me, long until, String folder) {
		byte[] key = new byte[32], keys = new byte[130];
		provokeOverflow(); // before the thread's first call
		Pair memory = new Pair(null);
		Pair file = me % 8 == 0 ? new Pair(folder + "/store" + me) : null;
		for (int i = 0; calls.get() < until && failure == null; i++) {
			deriveOnce(keys);
			ok(generate(key), "generate");
			provokeNull(i, null);
			if (i % 16 == 0) {
				memory.exchange();
				garbage = new byte[1 + 97 * i % 65536];
			}
			if (i % 512 == 0) {
				provokeOverflow();
			}
			if (i % 2048 == me) {
				provokeOverflowIn(() -> deriveOnce(keys));
				provokeOverflowIn(memory::exchange);
				if (file != null) {
					provokeOverflowIn(file::exchange);
				}
				memory.exchange(); // the stack may have ended between a seal and its opening
			}
			if (file != null && i % 256 == 0) {
				file.exchange();
			}
		}
		memory.close();
		if (file != null) {
			file.close();
		}
	}

	/** Short-lived threads with stacks of any size that make calls and cause both exceptions. */
	static void comeAndGo(int threads) throws InterruptedException {
		long[] stacks = {0, 256 << 10, 512 << 10, 4 << 20};
		for (int i = 0; i < threads && failure == null; i++) {
			final int n = i;
			started("short-lived", stacks[i % stacks.length], () -> {
				byte[] keys = new byte[130];
				if (n % 2 == 0) {
					provokeOverflow(); // before the thread's first call
					provokeNull(n, null);
				}
				deriveOnce(keys);
				provokeNull(n + 1, null);
				if (n % 20 == 0) {
					provokeOverflowIn(() -> deriveOnce(keys));
				} else if (n % 20 == 1) {
					Pair pair = new Pair(null);
					provokeOverflowIn(pair::exchange);
					pair.exchange(); // the stack may have ended between a seal and its opening
					pair.close();
				}
				provokeOverflow();
				deriveOnce(keys);
				shortLived.incrementAndGet();
			}).join();
		}
	}

	static Thread started(String name, long stack, Runnable run) {
		Thread t = new Thread(null, () -> {
			try {
				run.run();
			} catch (Throwable e) {
				failure = e;
			}
		}, name, stack);
		t.start();
		return t;
	}

	/** Makes the JIT compile the code that provokes the exceptions, and provokes them. */
	static void warm() {
		Box b = new Box();
		b.next = b;
		b.bytes = KEY;
		for (int i = 0; i < 30000; i++) {
			assign(b);
			right(value(b) == 3 && next(b) == b && length(b) == 32, "a box");
		}
		for (int i = 0; i < 3000; i++) {
			provokeNull(i, null);
		}
		for (int i = 0; i < 20; i++) {
			provokeOverflow();
		}
	}

	public static void main(String[] arguments) throws Exception {
		String folder = System.getProperty("folder");
		long until = Long.getLong("calls");
		boolean late = "late".equals(System.getProperty("when"));
		CountDownLatch loaded = new CountDownLatch(1);
		List<Thread> threads = new ArrayList<>();
		if (late) {
			warm();
			for (int i = 0; i < THREADS; i++) {
				threads.add(started("before", 0, () -> {
					provokeOverflow();
					try {
						loaded.await();
					} catch (InterruptedException e) {
						throw new IllegalStateException(e);
					}
					provokeNull(0, null);
					provokeOverflow();
				}));
			}
		}
		System.load(System.getProperty("shim"));
		if (!late) {
			warm();
		}
		loaded.countDown();
		for (Thread t : threads) {
			t.join();
		}
		threads.clear();
		for (int i = 0; i < KEY.length; i++) {
			KEY[i] = (byte) (i + 1);
		}
		ok(derive(KEYS, KEY, PARTICIPANT), "derive");
		long nullsBefore = nulls.get();
		boolean watched = Boolean.getBoolean("watch");
		if (watched) {
			watchFaults();
		}
		if (Boolean.getBoolean("terminated")) {
			untilTerminated();
			return;
		}
		provokeOverflow();
		provokeOverflowIn(() -> deriveOnce(new byte[130]));
		for (int i = 0; i < THREADS; i++) {
			final int me = i;
			threads.add(started("worker", i % 4 == 3 ? 0 : 256 << 10, () -> work(me, until, folder)));
		}
		for (int i = 0; i < COMING; i++) {
			threads.add(started("come and go", 0, () -> {
				try {
					comeAndGo(SHORT_LIVED / COMING);
				} catch (InterruptedException e) {
					throw new IllegalStateException(e);
				}
			}));
		}
		int dumps = 0;
		do {
			System.gc();
			collections.incrementAndGet();
			if (dumps < DUMPS) {
				dump(++dumps);
			}
			provokeNull(dumps, null);
			provokeOverflow();
			Thread.sleep(100);
		} while (calls.get() < until && failure == null);
		for (Thread t : threads) {
			t.join();
		}
		provokeOverflowIn(() -> deriveOnce(new byte[130]));
		while (dumps < DUMPS) {
			dump(++dumps);
		}
		if (failure != null) {
			throw new IllegalStateException("on a thread", failure);
		}
		if (watched) {
			right(faults() >= nulls.get() - nullsBefore, "only " + faults() + " of " + (nulls.get() - nullsBefore) + " null pointers were signals");
		}
		System.out.println("held " + calls + " calls, " + nulls + " NullPointerExceptions, " + (deep.get() + edge.get())
			+ " StackOverflowErrors, " + collections + " collections, " + shortLived + " short-lived threads"
			+ (watched ? ", " + faults() + " faults seen" : ""));
	}

	/**
	 * Requests the nth thread dump. Two signals at once could merge, so it waits until stdout, a
	 * file, has the dump.
	 */
	static void dump(int nth) throws Exception {
		signal(SIGQUIT);
		for (int i = 0; i < 6000; i++) {
			try (Stream<String> said = Files.lines(Path.of("/proc/self/fd/1"), StandardCharsets.ISO_8859_1)) {
				if (said.filter(line -> line.startsWith("Full thread dump")).count() >= nth) {
					return;
				}
			}
			Thread.sleep(10);
		}
		throw new IllegalStateException("no thread dump " + nth);
	}

	/** SIGTERM runs the shutdown hook while threads keep calling. */
	static void untilTerminated() throws InterruptedException {
		for (int i = 0; i < 4; i++) {
			Thread t = new Thread(() -> {
				byte[] keys = new byte[130];
				for (int n = 0;; n++) {
					deriveOnce(keys);
					provokeNull(n, null);
				}
			});
			t.setDaemon(true);
			t.start();
		}
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			byte[] keys = new byte[130];
			deriveOnce(keys);
			provokeNull(0, null);
			provokeOverflow();
			System.out.println("held to the end");
			System.out.flush();
		}));
		signal(SIGTERM);
		new CountDownLatch(1).await();
	}
}
