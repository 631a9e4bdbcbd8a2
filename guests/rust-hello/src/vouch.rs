//! The machine's host interface: the same as `guests/sdk/io.c`, in Rust.

use core::arch::{asm, global_asm};
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::slice;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering::Relaxed;

const PUBLIC_INPUT_START: usize = 0x2000_0000;
const PRIVATE_INPUT_START: usize = 0x3000_0000;
const INPUT_HEADER_BYTES: usize = 4;

const HOST_CALL_HALT: u32 = 1;
const HOST_CALL_COMMIT: u32 = 2;
const EXIT_CODE_ABORT: u32 = 134;

// The machine starts with every register zero and pc at _start.
global_asm!(
    ".section .text.start, \"ax\", @progbits",
    ".globl _start",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, __stack_end",
    "call rust_start",
    ".text",
);

#[no_mangle]
extern "C" fn rust_start() -> ! {
    exit(crate::main())
}

fn input_at(start: usize) -> &'static [u8] {
    // The machine places the length word and that many bytes there; nothing can write to them.
    unsafe {
        let length = *(start as *const u32) as usize;
        slice::from_raw_parts((start + INPUT_HEADER_BYTES) as *const u8, length)
    }
}

/// The private input: known to the prover only.
pub fn read_input() -> &'static [u8] {
    input_at(PRIVATE_INPUT_START)
}

/// The public input: known to the verifier.
#[allow(dead_code)]
pub fn read_public_input() -> &'static [u8] {
    input_at(PUBLIC_INPUT_START)
}

fn commit(word: u32) {
    unsafe { asm!("ecall", in("a0") word, in("a7") HOST_CALL_COMMIT, options(nomem, nostack)) }
}

/// Bytes written so far.
static JOURNAL_LENGTH: AtomicU32 = AtomicU32::new(0);
/// The bytes that do not fill a word yet, from the low byte up.
static PENDING: AtomicU32 = AtomicU32::new(0);

/// Appends bytes to the journal.
pub fn write_output(bytes: &[u8]) {
    let mut length = JOURNAL_LENGTH.load(Relaxed);
    let mut pending = PENDING.load(Relaxed);
    for &byte in bytes {
        pending |= u32::from(byte) << (8 * (length % 4));
        length += 1;
        if length % 4 == 0 {
            commit(pending);
            pending = 0;
        }
    }
    JOURNAL_LENGTH.store(length, Relaxed);
    PENDING.store(pending, Relaxed);
}

/// Ends the run: commits the journal's zero-padded rest and halts.
pub fn exit(code: u32) -> ! {
    let length = JOURNAL_LENGTH.load(Relaxed);
    if length % 4 != 0 {
        commit(PENDING.load(Relaxed));
    }
    halt(code, length)
}

fn halt(code: u32, journal_length: u32) -> ! {
    unsafe {
        asm!(
            "ecall",
            in("a0") code,
            in("a1") journal_length,
            in("a7") HOST_CALL_HALT,
            options(noreturn),
        )
    }
}

/// Text that fits a buffer, with a zero behind it: what the host reads.
struct Message {
    bytes: [u8; 256],
    length: usize,
}

impl Write for Message {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let space = self.bytes.len() - 1 - self.length;
        let taken = text.len().min(space);
        self.bytes[self.length..self.length + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.length += taken;
        Ok(())
    }
}

/// Tells the host why and exits like `abort` of the C SDK.
#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let mut message = Message {
        bytes: [0; 256],
        length: 0,
    };
    let _ = write!(message, "{info}");
    unsafe {
        asm!("slti x0, x0, 2", in("a0") message.bytes.as_ptr(), options(readonly, nostack));
    }
    exit(EXIT_CODE_ABORT)
}
