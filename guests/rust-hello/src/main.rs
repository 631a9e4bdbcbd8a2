//! Greets the name in the private input: a guest in Rust without the standard library.

#![no_std]
#![no_main]

mod vouch;

use vouch::{read_input, write_output};

/// FNV-1a, 32 bits.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, &byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

fn write_hex(value: u32) {
    for i in (0..8).rev() {
        let digit = value >> (4 * i) & 15;
        write_output(&[b"0123456789abcdef"[digit as usize]]);
    }
}

/// Returns the exit code.
fn main() -> u32 {
    let name = read_input();
    write_output(b"Hello, ");
    write_output(name);
    write_output(b"!\n");
    write_hex(fnv1a(name));
    write_output(b"\n");
    0
}
