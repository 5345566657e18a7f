// Answers as people read them: a table, a bar chart, yes or no, RDF as text.
(() => {
  "use strict";
  const own = globalThis.sdgplan ??= {};

  const MOST_ROWS = 1000, MOST_BARS = 200, MOST_CHARACTERS = 200000;
  const LONGEST_UNBROKEN = 40; // characters of an IRI that stay on one line
  const XSD = "http://www.w3.org/2001/XMLSchema#";
  const NUMERIC = new Set([
    "integer", "decimal", "double", "float", "long", "int", "short", "byte", "nonNegativeInteger",
    "positiveInteger", "nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt",
    "unsignedShort", "unsignedByte",
  ].map((name) => XSD + name));

  // attributes are set, never markup: what data says is only text
  const element = (name, attributes = {}, ...children) => {
    const made = name === "svg" || name === "rect"
      ? document.createElementNS("http://www.w3.org/2000/svg", name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== null && value !== false) {
        made.setAttribute(key, value === true ? "" : value);
      }
    }
    made.append(...children);
    return made;
  };

  const filled = (text, slots) => text.replace(/\{(\w+)\}/g, (whole, name) => slots[name] ?? whole);
  const counted = (number) => number.toLocaleString("en-US");

  const isNumber = (value) => value.type === "literal" && NUMERIC.has(value.datatype)
    && Number.isFinite(Number(value.value));

  // the columns whose values are all numbers; a column without any value is none of them
  const numberColumns = (answer) => answer.head.vars.filter((name) => {
    const values = answer.results.bindings.map((row) => row[name]).filter(Boolean);
    return values.length > 0 && values.every(isNumber);
  });

  // of the others, the one that tells most rows apart: texts before IRIs
  const labelColumn = (answer, numbers) => {
    const rows = answer.results.bindings;
    const weight = (name) => {
      const values = rows.map((row) => row[name]).filter(Boolean);
      const texts = values.filter((value) => value.type === "literal").length;
      return (texts > values.length / 2 ? rows.length + 1 : 0)
        + new Set(values.map((value) => value.value)).size;
    };
    const others = answer.head.vars.filter((name) => !numbers.includes(name));
    return others.sort((a, b) => weight(b) - weight(a))[0] ?? null;
  };

  // places.local: [start of IRIs, address of their pages]; .prefixes: name -> start; .base: ours
  const addressOf = (iri, places) => {
    const found = places.local.find(([start]) => iri.startsWith(start));
    if (!found) return /^https?:/.test(iri) ? iri : null;
    const address = new URL(found[1] + iri.slice(found[0].length), location.href);
    const language = new URLSearchParams(location.search).get("lang");
    if (language) address.searchParams.set("lang", language);
    return address.href;
  };

  // a prefixed name where it would be one in a query, else what follows the start of our own IRIs
  const shortened = (iri, places) => {
    for (const [name, start] of Object.entries(places.prefixes)) {
      if (iri.startsWith(start) && /^[\w.-]+$/.test(iri.slice(start.length))) {
        return `${name}:${iri.slice(start.length)}`;
      }
    }
    return iri.startsWith(places.base) && iri !== places.base
      ? `…/${iri.slice(places.base.length)}` : iri;
  };

  const shown = (value, places, words) => {
    if (!value) return element("span", { class: "unknown small" }, words.unbound);
    if (value.type === "uri") {
      const text = shortened(value.value, places), address = addressOf(value.value, places);
      if (!address) return element("span", { class: "mono" }, text);
      return element("a", {
        href: address, rel: "noreferrer", title: value.value,
        class: text.length <= LONGEST_UNBROKEN && "nowrap",
      }, text);
    }
    if (value.type === "bnode") return element("span", { class: "mono" }, `_:${value.value}`);
    if (value.type === "triple") return element("span", { class: "mono" }, JSON.stringify(value.value));
    return element("bdi", { lang: value["xml:lang"] }, value.value);
  };

  const table = (answer, places, words) => {
    const names = answer.head.vars, rows = answer.results.bindings, numbers = numberColumns(answer);
    const title = rows.length > MOST_ROWS
      ? filled(words.cut, { rows: counted(rows.length), shown: counted(MOST_ROWS) })
      : filled(words.caption, { rows: counted(rows.length) });
    const head = names.map((name) => element(
      "th", { scope: "col", class: numbers.includes(name) && "num" }, name,
    ));
    const body = rows.slice(0, MOST_ROWS).map((row) => element("tr", {}, ...names.map((name) => element(
      "td", { class: numbers.includes(name) && "num" }, shown(row[name], places, words),
    ))));
    const made = element("table", { class: "answers" },
      element("caption", { id: "answer-caption" }, title),
      element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...body));
    return element("div", {
      class: "matrix", role: "region", tabindex: "0", "aria-labelledby": "answer-caption",
    }, made);
  };

  const bar = (value, least, most) => {
    const part = (number) => `${(100 * number / (most - least || 1)).toFixed(2)}%`;
    return element("svg", { class: "bar", width: "100%", height: "20", "aria-hidden": "true" },
      element("rect", {
        x: part(Math.min(value, 0) - least), y: "2", height: "16", width: part(Math.abs(value)),
      }));
  };

  // one bar a row, in the order of the answer, from 0, each with its number in words beside it
  const bars = (answer, label, number, places, words) => {
    const rows = answer.results.bindings, drawn = rows.slice(0, MOST_BARS);
    const values = drawn.map((row) => (row[number] ? Number(row[number].value) : null));
    const known = values.filter((value) => value !== null);
    const least = Math.min(0, ...known), most = Math.max(0, ...known);
    const name = label ?? words.rowNumber;
    const title = filled(rows.length > MOST_BARS ? words.chartCut : words.chartCaption, {
      label: name, number, rows: counted(rows.length), shown: counted(drawn.length),
    });
    return element("table", { class: "bars" },
      element("caption", {}, title),
      element("thead", {}, element("tr", {},
        element("th", { scope: "col" }, name),
        element("th", { scope: "col" }, words.bar),
        element("th", { scope: "col", class: "num" }, number))),
      element("tbody", {}, ...drawn.map((row, at) => element("tr", {},
        element("th", { scope: "row" }, label ? shown(row[label], places, words) : String(at + 1)),
        element("td", {}, ...(values[at] === null ? [] : [bar(values[at], least, most)])),
        element("td", { class: "num" }, shown(row[number], places, words))))));
  };

  const choice = (text, names, chosen, onChange) => {
    const select = element("select", {}, ...names.map((name) => element(
      "option", { selected: name === chosen }, name,
    )));
    select.addEventListener("change", () => onChange(select.value));
    return element("label", { class: "column-choice" }, element("span", {}, text), select);
  };

  const chart = (answer, places, words) => {
    const numbers = numberColumns(answer);
    if (numbers.length === 0) return element("p", {}, words.noChart);
    let number = numbers.at(-1);
    const others = answer.head.vars.filter((name) => name !== number);
    let label = labelColumn(answer, numbers) ?? others[0] ?? null;
    const drawing = element("div", { class: "drawing" });
    const draw = () => drawing.replaceChildren(bars(answer, label, number, places, words));
    draw();
    return element("div", {},
      element("p", { class: "controls" },
        ...(others.length === 0 ? [] : [choice(words.labelColumn, others, label, (name) => {
          label = name;
          draw();
        })]),
        choice(words.numberColumn, numbers, number, (name) => {
          number = name;
          draw();
        })),
      drawing);
  };

  const graph = (text, words) => {
    const isCut = text.length > MOST_CHARACTERS;
    return element("div", {},
      element("p", { class: "small" }, isCut ? words.graphCut : words.graph),
      element("pre", { tabindex: "0", "aria-label": "Turtle" },
        isCut ? text.slice(0, MOST_CHARACTERS) : text));
  };

  const hasChart = (answer) => Boolean(answer.results) && numberColumns(answer).length > 0;

  Object.assign(own, { element, filled, counted, table, chart, graph, hasChart });
})();
