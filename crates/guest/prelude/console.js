// console: what a person expects to read. Only %j and console.table look at values as code would, getters included.
(function (native) {
  "use strict";
  const { uncurry, ownKeys, descriptor, prototypeOf, kind, print, define } = native;
  const { is, keys: objectKeys } = Object;
  const quote = JSON.stringify;
  const join = uncurry(Array.prototype.join);
  const slice = uncurry(String.prototype.slice);
  const split = uncurry(String.prototype.split);
  const repeat = uncurry(String.prototype.repeat);
  const padEnd = uncurry(String.prototype.padEnd);
  const includes = uncurry(String.prototype.includes);
  const symbolText = uncurry(Symbol.prototype.toString);
  const dateText = uncurry(Date.prototype.toISOString);
  const dateValue = uncurry(Date.prototype.valueOf);
  const regexpText = uncurry(RegExp.prototype.toString);
  const mapEach = uncurry(Map.prototype.forEach);
  const setEach = uncurry(Set.prototype.forEach);
  const matches = uncurry(RegExp.prototype.test);
  const now = Date.now;

  const WIDTH = 76; // columns that one line may take before a value is broken over several
  const DEPTH = 4; // levels shown; deeper objects are named
  const ITEMS = 100; // entries shown of one container
  const identifier = /^[A-Za-z_$][\w$]*$/;

  const typeName = (value) => {
    for (let p = value, i = 0; p && i < 100 && kind(p) !== "proxy"; p = prototypeOf(p), i++) {
      const constructor = descriptor(p, "constructor");
      if (constructor && typeof constructor.value === "function") {
        const name = descriptor(constructor.value, "name");
        return name && typeof name.value === "string" ? name.value : "";
      }
    }
    return "";
  };

  const text = (value, key) => {
    for (let p = value, i = 0; p && i < 100 && kind(p) !== "proxy"; p = prototypeOf(p), i++) {
      const found = descriptor(p, key);
      if (found) return typeof found.value === "string" ? found.value : "";
    }
    return "";
  };

  const single = (value) => {
    const inner = slice(quote(value), 1, -1);
    return includes(value, "'") || includes(value, '"') ? quote(value) : "'" + inner + "'";
  };

  const primitive = (value) => {
    if (typeof value === "string") return single(value);
    if (typeof value === "bigint") return value + "n";
    if (typeof value === "symbol") return symbolText(value);
    return is(value, -0) ? "-0" : value + "";
  };

  const keyText = (key) =>
    typeof key === "symbol" ? "[" + symbolText(key) + "]" : matches(identifier, key) ? key : single(key);

  const wrap = (prefix, open, parts, close, indent) => {
    const lead = prefix ? prefix + " " : "";
    if (parts.length === 0) return lead + open + close;
    const line = lead + open + " " + join(parts, ", ") + " " + close;
    if (line.length + indent.length <= WIDTH && !includes(line, "\n")) return line;
    const inner = indent + "  ";
    return lead + open + "\n" + inner + join(parts, ",\n" + inner) + "\n" + indent + close;
  };

  const members = (value, skip, parts, level, seen, indent) => {
    const keys = ownKeys(value);
    let left = 0;
    for (let i = 0; i < keys.length; i++) {
      const property = skip(keys[i]) ? undefined : descriptor(value, keys[i]);
      if (!property || !property.enumerable) continue;
      if (parts.length >= ITEMS) {
        left++;
        continue;
      }
      const shown = "value" in property ? inspect(property.value, level + 1, seen, indent + "  ") : "[Getter]";
      parts[parts.length] = keyText(keys[i]) + ": " + shown;
    }
    if (left) parts[parts.length] = "... " + left + " more";
  };

  const never = () => false;
  const isIndex = (key) => typeof key === "string" && matches(/^\d+$/, key);

  const items = (length, at, parts, level, seen, indent) => {
    const shown = length < ITEMS ? length : ITEMS;
    for (let i = 0; i < shown; i++) {
      const property = at(i);
      parts[parts.length] = !property
        ? "<empty>"
        : "value" in property
          ? inspect(property.value, level + 1, seen, indent + "  ")
          : "[Getter]";
    }
    if (length > shown) parts[parts.length] = "... " + (length - shown) + " more items";
  };

  const errorText = (value, level, seen, indent) => {
    const message = text(value, "message");
    let shown = (text(value, "name") || typeName(value) || "Error") + (message ? ": " + message : "");
    const parts = [];
    members(value, (key) => key === "stack" || key === "message" || key === "name", parts, level, seen, indent);
    const cause = descriptor(value, "cause");
    if (cause && "value" in cause && !cause.enumerable)
      parts[parts.length] = "[cause]: " + inspect(cause.value, level + 1, seen, indent + "  ");
    if (parts.length) shown += " " + wrap("", "{", parts, "}", indent);
    return level === 0 ? shown : "[" + shown + "]";
  };

  const container = (value, what, level, seen, indent) => {
    const parts = [];
    const name = typeName(value);
    if (what === "array") {
      items(value.length, (i) => descriptor(value, i), parts, level, seen, indent);
      members(value, isIndex, parts, level, seen, indent);
      return wrap(name === "Array" || !name ? "" : name + "(" + value.length + ")", "[", parts, "]", indent);
    }
    if (what === "typed") {
      items(value.length, (i) => ({ value: value[i] }), parts, level, seen, indent);
      return wrap(name + "(" + value.length + ")", "[", parts, "]", indent);
    }
    if (what === "map" || what === "set") {
      let left = 0;
      const add = (item, key) => {
        if (parts.length >= ITEMS) left++;
        else if (what === "set") parts[parts.length] = inspect(item, level + 1, seen, indent + "  ");
        else
          parts[parts.length] =
            inspect(key, level + 1, seen, indent + "  ") + " => " + inspect(item, level + 1, seen, indent + "  ");
      };
      (what === "map" ? mapEach : setEach)(value, add);
      const size = parts.length + left;
      if (left) parts[parts.length] = "... " + left + " more items";
      return wrap((name || (what === "map" ? "Map" : "Set")) + "(" + size + ")", "{", parts, "}", indent);
    }
    members(value, never, parts, level, seen, indent);
    const prefix = prototypeOf(value) === null ? "[Object: null prototype]" : name === "Object" ? "" : name;
    return wrap(prefix, "{", parts, "}", indent);
  };

  const inspect = (value, level, seen, indent) => {
    const what = kind(value);
    if (what === undefined) return primitive(value);
    for (let i = 0; i < seen.length; i++) if (seen[i] === value) return "[Circular]";
    const name = typeName(value);
    switch (what) {
      case "proxy":
        return "[Proxy]";
      case "connector":
        return "[Connector]";
      case "promise":
        return "Promise { not awaited }";
      case "function":
        return "[Function" + (text(value, "name") ? ": " + text(value, "name") : "") + "]";
      case "date":
        return is(dateValue(value), NaN) ? "Invalid Date" : dateText(value);
      case "regexp":
        return regexpText(value);
      case "boxed":
        return "[" + name + "]";
      case "weak":
      case "generator":
      case "buffer":
      case "view":
        return (name || what) + " {}";
    }
    if (level > DEPTH) return what === "array" ? "[Array]" : "[" + (name || "Object") + "]";
    const within = [];
    for (let i = 0; i < seen.length; i++) within[i] = seen[i];
    within[seen.length] = value;
    if (what === "error") return errorText(value, level, within, indent);
    return container(value, what, level, within, indent);
  };

  const show = (value) => (typeof value === "string" ? value : inspect(value, 0, [], ""));

  const parseIntOf = parseInt;
  const parseFloatOf = parseFloat;
  const number = (value, whole) => {
    if (typeof value === "bigint") return value + "n";
    if (typeof value === "symbol" || typeof value === "object") return "NaN";
    return whole ? parseIntOf(value) + "" : parseFloatOf(value) + "";
  };

  const json = (value) => {
    try {
      return quote(value) ?? "undefined";
    } catch {
      return inspect(value, 0, [], "");
    }
  };

  // %s %d %i %f %j %o %O %c %% in a leading string, as consoles everywhere have them.
  const format = (args) => {
    let out = "";
    let next = 0;
    if (typeof args[0] === "string" && args.length > 1) {
      const pieces = args[0];
      next = 1;
      for (let i = 0; i < pieces.length; i++) {
        const code = pieces[i] === "%" ? pieces[i + 1] : undefined;
        if (code === "%") {
          out += "%";
          i++;
        } else if (code !== undefined && next < args.length && includes("sdifjoOc", code)) {
          const value = args[next++];
          i++;
          if (code === "s") out += typeof value === "bigint" ? value + "n" : show(value);
          else if (code === "d" || code === "f") out += number(value, false);
          else if (code === "i") out += number(value, true);
          else if (code === "j") out += json(value);
          else if (code !== "c") out += inspect(value, 0, [], "");
        } else {
          out += pieces[i];
        }
      }
    }
    for (; next < args.length; next++) out += (out || next ? " " : "") + show(args[next]);
    return out;
  };

  let indentation = "";
  const counts = { __proto__: null };
  const clocks = { __proto__: null };

  const line = (stream, message) => {
    const indented = indentation ? indentation + join(split(message, "\n"), "\n" + indentation) : message;
    print(stream, indented + "\n");
  };
  const writer = (stream) => (args) => line(stream, format(args));
  const out = writer(1);
  const err = writer(2);
  const label = (value) => (value === undefined ? "default" : `${value}`);

  const has = (list, item) => {
    for (let i = 0; i < list.length; i++) if (list[i] === item) return true;
    return false;
  };
  const prefixed = (first, args) => {
    const all = [first];
    for (let i = 0; i < args.length; i++) all[i + 1] = args[i];
    return all;
  };

  const table = (data) => {
    if (data === null || typeof data !== "object") return out([data]);
    const rows = objectKeys(data);
    const columns = ["(index)"];
    const cells = [];
    for (let r = 0; r < rows.length && r < ITEMS; r++) {
      const row = data[rows[r]];
      const cell = { __proto__: null, "(index)": rows[r] };
      const names = row !== null && typeof row === "object" ? objectKeys(row) : ["Values"];
      for (let c = 0; c < names.length; c++) {
        const value = row !== null && typeof row === "object" ? row[names[c]] : row;
        if (!has(columns, names[c])) columns[columns.length] = names[c];
        cell[names[c]] = inspect(value, DEPTH, [], "");
      }
      cells[cells.length] = cell;
    }
    const widths = [];
    for (let c = 0; c < columns.length; c++) {
      widths[c] = columns[c].length;
      for (let r = 0; r < cells.length; r++) {
        const length = (cells[r][columns[c]] ?? "").length;
        if (length > widths[c]) widths[c] = length;
      }
    }
    const render = (at) => {
      const parts = [];
      for (let c = 0; c < columns.length; c++) parts[c] = padEnd(at(columns[c]) ?? "", widths[c]);
      return join(parts, " | ");
    };
    line(1, render((column) => column));
    const rules = [];
    for (let c = 0; c < columns.length; c++) rules[c] = repeat("-", widths[c]);
    line(1, join(rules, "-|-"));
    for (let r = 0; r < cells.length; r++) line(1, render((column) => cells[r][column]));
  };

  define("console", {
    log: (...args) => out(args),
    info: (...args) => out(args),
    debug: (...args) => out(args),
    warn: (...args) => err(args),
    error: (...args) => err(args),
    trace: (...args) => err(prefixed("Trace:", args)),
    dir: (value) => line(1, inspect(value, 0, [], "")),
    dirxml: (...args) => out(args),
    table,
    assert: (condition, ...args) => {
      if (!condition) err(args.length ? prefixed("Assertion failed:", args) : ["Assertion failed"]);
    },
    group: (...args) => {
      if (args.length) out(args);
      indentation += "  ";
    },
    groupCollapsed: (...args) => {
      if (args.length) out(args);
      indentation += "  ";
    },
    groupEnd: () => {
      indentation = slice(indentation, 2);
    },
    count: (name) => {
      const key = label(name);
      counts[key] = (counts[key] ?? 0) + 1;
      line(1, key + ": " + counts[key]);
    },
    countReset: (name) => {
      counts[label(name)] = 0;
    },
    time: (name) => {
      clocks[label(name)] = now();
    },
    timeLog: (name) => line(1, label(name) + ": " + (now() - (clocks[label(name)] ?? now())) + "ms"),
    timeEnd: (name) => {
      line(1, label(name) + ": " + (now() - (clocks[label(name)] ?? now())) + "ms");
      delete clocks[label(name)];
    },
  });
});
