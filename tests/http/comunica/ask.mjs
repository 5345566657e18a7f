// Asks one query of one or more sources with Comunica, as a program of someone else would.
//
//   node ask.mjs [--by-description] QUERY SOURCE...
//
// A SOURCE is a URL, whose kind Comunica finds out, or sparql@URL, as on Comunica's own command
// line. With --by-description a URL that ends in /sparql is no reason to take it for an endpoint.
// stdout: what came back, one JSON object a line: {"solution": …}, {"boolean": …}, {"triple": …}.
// stderr: each request and warning, one JSON object a line; then the error, if there is one.
// The exit code is 1 after an error, also where solutions came before it.

import { fileURLToPath } from "node:url";
import { QueryEngine, QueryEngineFactory } from "@comunica/query-sparql";

const FORCED = "sparql@";

function sourceOf(text) {
  return text.startsWith(FORCED) ? { type: "sparql", value: text.slice(FORCED.length) } : text;
}

function plain(term) {
  return {
    type: term.termType,
    value: term.value,
    ...(term.language && { language: term.language }),
    ...(term.datatype && { datatype: term.datatype.value }),
  };
}

function tell(stream, line) {
  stream.write(`${JSON.stringify(line)}\n`);
}

function told(level) {
  return (message, data) => {
    const { headers, method } = (typeof data === "function" ? data() : data) ?? {};
    const accept = headers?.accept;
    tell(process.stderr, { level, message, ...(accept && { accept, method: method ?? "GET" }) });
  };
}

const silent = () => {};
const log = {
  trace: silent, debug: silent, info: told("info"),
  warn: told("warn"), error: told("error"), fatal: told("fatal"),
  logGrouped: (key, emit) => emit(1), flush: silent,
};

async function main([query, ...sources], byDescription) {
  const configPath = fileURLToPath(new URL("by-description.json", import.meta.url));
  const engine = byDescription
    ? await new QueryEngineFactory().create({ configPath })
    : new QueryEngine();
  const result = await engine.query(query, { sources: sources.map(sourceOf), log });
  if (result.resultType === "boolean") {
    tell(process.stdout, { boolean: await result.execute() });
  } else if (result.resultType === "quads") {
    for await (const { subject, predicate, object } of await result.execute()) {
      tell(process.stdout, { triple: [subject, predicate, object].map(plain) });
    }
  } else {
    for await (const row of await result.execute()) {
      const terms = [...row].map(([variable, term]) => [variable.value, plain(term)]);
      tell(process.stdout, { solution: Object.fromEntries(terms) });
    }
  }
}

const given = process.argv.slice(2);
const options = given.filter((argument) => argument.startsWith("--"));
try {
  await main(given.slice(options.length), options.includes("--by-description"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
