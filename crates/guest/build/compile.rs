//! C → WebAssembly.

use std::path::Path;

use super::zig::Zig;

/// The stack of C in linear memory. The engine stops a program at its own, lower limit (at most
/// `engine::MAX_JS_STACK_BYTES`); what is above that is headroom for C code that does not check. The stack lies
/// below all data, so running out of it leaves the memory and traps.
const C_STACK_BYTES: usize = 2 * 1024 * 1024;

pub(crate) fn compile(zig: &Zig, c: &Path, engine: &Path, out_dir: &Path) -> super::Result<Vec<u8>> {
    let output_file = out_dir.join("guest-raw.wasm");
    let output = zig
        .command()
        .args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor", "-O2", "-g0", "-std=gnu11", "-w"])
        .args(["-DNDEBUG", "-D_GNU_SOURCE", "-DEMSCRIPTEN=1", "-DFE_DOWNWARD=0", "-DFE_UPWARD=0"])
        .arg("-I")
        .arg(c.join("include"))
        .arg("-I")
        .arg(out_dir)
        .arg("-I")
        .arg(engine)
        .args(["-Wl,--strip-all", "-Wl,--export-memory"])
        .arg(format!("-Wl,-z,stack-size={C_STACK_BYTES}"))
        .arg("-o")
        .arg(&output_file)
        .arg(c.join("guest.c"))
        .output()
        .map_err(|error| format!("cannot run zig cc: {error}"))?;
    if !output.status.success() {
        return Err(format!("zig cc failed:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    super::read(&output_file)
}
