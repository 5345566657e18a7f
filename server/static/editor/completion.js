// What the editor offers while one types: prefixes, classes and properties, all from this endpoint.
(() => {
  "use strict";
  const own = globalThis.sdgplan ??= {};

  const MOST_OFFERED = 100;
  const PREFIXES = `PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace WHERE { ?declaration sh:prefix ?prefix ; sh:namespace ?namespace }
ORDER BY ?prefix`;
  // the terms that the data use, as the service describes itself, and those of the vocabulary
  const TERMS = `PREFIX void: <http://rdfs.org/ns/void#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
SELECT DISTINCT ?kind ?term ?name WHERE {
  { ?part void:class ?term BIND("class" AS ?kind) }
  UNION { ?part void:property ?term BIND("property" AS ?kind) }
  UNION { ?term a owl:Class BIND("class" AS ?kind) FILTER(ISIRI(?term)) }
  UNION { ?term a owl:ObjectProperty BIND("property" AS ?kind) }
  UNION { ?term a owl:DatatypeProperty BIND("property" AS ?kind) }
  OPTIONAL { ?term rdfs:label ?name FILTER(LANG(?name) = "LANGUAGE") }
}
ORDER BY ?term`;

  const ask = async (endpoint, query) => {
    const answer = await fetch(`${endpoint}?${new URLSearchParams({ query })}`, {
      headers: { Accept: "application/sparql-results+json" },
    });
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    return (await answer.json()).results.bindings;
  };

  // asked once, when something is completed for the first time
  const once = (make) => {
    let made = null;
    return () => made ??= make().catch((error) => {
      made = null; // the next try may do better
      throw error;
    });
  };

  const localName = (iri) => iri.slice(Math.max(iri.lastIndexOf("#"), iri.lastIndexOf("/")) + 1);

  const matching = (iris, typed) => {
    const wanted = typed.toLowerCase();
    const first = iris.filter((iri) => iri.toLowerCase().startsWith(wanted));
    const rest = iris.filter((iri) => !first.includes(iri)
      && localName(iri).toLowerCase().includes(wanted));
    return [...first, ...rest].slice(0, MOST_OFFERED);
  };

  // registers our completers in place of those that ask other hosts
  const register = (Yasqe, endpoint, language) => {
    const prefixes = once(async () => (await ask(endpoint, PREFIXES)).map(
      (row) => `${row.prefix.value}: <${row.namespace.value}>`,
    ));
    const terms = once(async () => {
      const found = { class: new Map(), property: new Map() };
      for (const row of await ask(endpoint, TERMS.replace("LANGUAGE", language))) {
        found[row.kind.value].set(row.term.value, row.name?.value ?? "");
      }
      return found;
    });
    const typedIn = (token) => token?.autocompletionString ?? token?.string ?? "";

    Yasqe.forkAutocompleter("prefixes", {
      name: "prefixes", bulk: false, persistenceId: null,
      get: async (yasqe, token) => (await prefixes()).filter(
        (line) => line.startsWith(typedIn(token).trim()),
      ),
    });
    for (const kind of ["class", "property"]) {
      Yasqe.forkAutocompleter(kind, {
        name: kind, bulk: false, persistenceId: null,
        get: async (yasqe, token) => matching([...(await terms())[kind].keys()], typedIn(token)),
        postprocessHints: (yasqe, hints) => named(yasqe, hints, kind, terms),
      });
    }
  };

  // the name of a term stands behind it in the list, and is not typed
  const named = async (yasqe, hints, kind, terms) => {
    const names = (await terms())[kind], prefixes = yasqe.getPrefixesFromQuery();
    return hints.map((hint) => {
      const [, prefix, rest] = /^([^<:]*):(.*)$/.exec(hint.text) ?? [];
      const iri = prefix === undefined ? hint.text.slice(1, -1) : (prefixes[prefix] ?? "") + rest;
      const name = names.get(iri);
      return { ...hint, displayText: name ? `${hint.text}  ${name}` : hint.text };
    });
  };

  own.completion = { register };
})();
