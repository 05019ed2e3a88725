// Compiles folders of Python with CPython 3.14 in WebAssembly: node compile.mjs '[["folder", "place on Lambda"], ...]'
import { loadPyodide } from "pyodide";

const python = await loadPyodide();
let sound = true;
for (const [index, [folder, place]] of JSON.parse(process.argv[2]).entries()) {
  const mounted = `/package${index}`;
  python.mountNodeFS(mounted, folder);
  python.globals.set("mounted", mounted);
  python.globals.set("place", place);
  sound = python.runPython(`
import compileall
from py_compile import PycInvalidationMode
compileall.compile_dir(
    mounted, ddir=place, quiet=1, force=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
)`) && sound;
}
process.exit(sound ? 0 : 1);
