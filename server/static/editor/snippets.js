// The query for other clients: each text is complete and runs as it stands.
(() => {
  "use strict";
  const own = globalThis.sdgplan ??= {};

  const GIVES_TRIPLES = new Set(["CONSTRUCT", "DESCRIBE"]);

  const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;

  const curl = (endpoint, query, form) => {
    const accept = GIVES_TRIPLES.has(form) ? "text/turtle" : "text/csv";
    return [
      `curl -s ${shell(endpoint)} -H ${shell(`Accept: ${accept}`)} \\`,
      `  --data-urlencode ${shell(`query=${query}`)}`,
    ].join("\n");
  };

  // a backslash after the opening quotes: lines of the query keep their numbers
  const python = (endpoint, query, form) => {
    const text = query.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"');
    const format = GIVES_TRIPLES.has(form) ? "TURTLE" : "JSON";
    const reading = GIVES_TRIPLES.has(form)
      ? ['print(client.query().response.read().decode("utf-8"))']
      : form === "ASK"
        ? ['print(client.queryAndConvert()["boolean"])']
        : [
          'for row in client.queryAndConvert()["results"]["bindings"]:',
          '    print({name: cell["value"] for name, cell in row.items()})',
        ];
    return [
      `from SPARQLWrapper import ${format}, POST, SPARQLWrapper`,
      "",
      `client = SPARQLWrapper(${JSON.stringify(endpoint)}, returnFormat=${format})`,
      "client.setMethod(POST)",
      `client.setQuery("""\\\n${text}""")`,
      ...reading,
    ].join("\n");
  };

  // a raw string needs as many dashes as no text within it has
  const r = (endpoint, query, form) => {
    let dashes = "---";
    while (query.includes(`)${dashes}"`)) dashes += "-";
    const isGraph = GIVES_TRIPLES.has(form);
    const start = `${endpoint}?format=${isGraph ? "turtle" : "csv"}&query=`;
    return [
      `query <- r"${dashes}(${query})${dashes}"`,
      `address <- paste0(${JSON.stringify(start)}, URLencode(query, reserved = TRUE))`,
      ...(isGraph
        ? ['cat(readLines(address, encoding = "UTF-8"), sep = "\\n")']
        : [
          "# codes such as 072036 keep their zeros; as.numeric() makes numbers of a column",
          'answer <- read.csv(address, encoding = "UTF-8", colClasses = "character")',
          "print(answer)",
        ]),
    ].join("\n");
  };

  own.snippets = { curl, python, r };
})();
