Odd values do not end a run as a defect of ours, and nothing that is thrown is read with the program's help.
//// raw JSON with a lone surrogate
return [JSON.rawJSON('"\\ud800"'), JSON.rawJSON("1e400"), JSON.rawJSON("9007199254740993"), JSON.rawJSON("-0.5")];
//// raw JSON, thrown
throw { raw: JSON.rawJSON('"\\ud800"') };
//// a detached buffer, thrown
const buffer = new ArrayBuffer(8);
buffer.transfer();
throw { buffer, view: new Uint8Array(4) };
//// a timer's handle that changes its mind
const p = github.echo(1);
setTimeout(() => {}, 1e6);
let n = 0;
clearTimeout({ toString: () => (n++ ? "nope" : "1") });
return await p;
//// a tool's error that claims a stack overflow
try { await github.fail(); } catch (error) { error.message = "Maximum call stack size exceeded"; throw error; }
//// an heir of a tool's error
try { await github.fail(); } catch (error) { throw Object.setPrototypeOf(new Error("fake"), error); }
//// getters where a tool's error looks for its fields
for (const key of ["name", "message", "kind", "tool", "outcome"])
  Object.defineProperty(Object.prototype, key, { get() { for (let i = 0; i < 100; i++) setTimeout(() => {}, 1); throw 1; } });
try { await github.fail(); } catch (error) { return Object.getOwnPropertyNames(error).sort(); }
//// a string larger than the result may be
return "x".repeat(33 << 20);
//// a string larger than arguments may be
try { await github.echo("x".repeat(33 << 20)); } catch (error) { return [error.name, error.message]; }
//// a view made into another kind by its species
class View extends Uint8Array { static get [Symbol.species]() { return Int8Array; } }
try { return new TextDecoder().decode(new View([104, 105])); } catch (error) { return error.name; }
//// a tool's bare name is no connector
return ["create_issue" in tools, Object.keys(tools), "github" in tools];
