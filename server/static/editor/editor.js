// The query editor of /sparql: the plain form stays, and works without any of this.
(() => {
  "use strict";
  const own = globalThis.sdgplan;
  const { element, filled, counted } = own;

  const LONGEST_ADDRESS = 3500; // in bytes; longer request lines are refused, so they go by POST
  const PLACE = /^Line (\d+), column (\d+)/;
  const ACCEPT = "application/sparql-results+json, text/turtle;q=0.9";

  const form = document.querySelector(".query-form");
  const field = document.getElementById("query");
  if (!form || !field || !globalThis.Yasqe) return;
  const { endpoint, language } = form.dataset;
  const words = JSON.parse(form.dataset.words);
  const places = JSON.parse(form.dataset.places);
  const part = (name) => document.getElementById(`ask-${name}`);

  // ---- the editor in place of the text field

  own.completion.register(Yasqe, form.action, language);
  // the package says this, and only this, in English
  const notify = Yasqe.prototype.showNotification;
  Yasqe.prototype.showNotification = function (key) {
    return notify.call(this, key, words.suggestions);
  };
  // while prefixes are on their way, each key typed asks for them: the same line is added once
  const add = Yasqe.prototype.addPrefixes;
  Yasqe.prototype.addPrefixes = function (prefixes) {
    const [, name, start] = typeof prefixes === "string"
      ? /^([^:]*):\s*<(.*)>$/.exec(prefixes) ?? [] : [];
    return add.call(this, start === undefined ? prefixes : { [name]: start });
  };
  const host = element("div", { class: "by-script" });
  field.before(host);
  const leave = () => part("run").focus();
  const editor = new Yasqe(host, {
    value: field.value.trimEnd() + "\n",
    screenReaderLabel: words.query,
    persistenceId: null, // nothing is kept on the visitor's device
    createShareableLink: null, consumeShareLink: null,
    showQueryButton: false, resizeable: false, editorHeight: "auto",
    autocompleters: ["prefixes", "class", "property", "variables"],
    // Tab goes on to the next control, as everywhere on the page
    extraKeys: {
      "Tab": false, "Shift-Tab": false, "Ctrl-S": false, "Shift-Ctrl-F": false,
      "Esc": leave, "Ctrl-Enter": () => run(), "Cmd-Enter": () => run(),
    },
  });
  field.hidden = true;

  // the mark beside a line that cannot be read: in words for everyone, not on a mouse's approach
  const explain = () => {
    for (const sign of host.querySelectorAll(".parseErrorIcon")) {
      const line = sign.closest(".CodeMirror-gutter-wrapper")?.querySelector(".CodeMirror-linenumber");
      sign.onmouseover = sign.onmouseout = null;
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", filled(words.wrongLine, { line: line?.textContent ?? "" }));
      sign.title = sign.getAttribute("aria-label");
    }
  };
  editor.on("update", explain);
  editor.on("autocompletionShown", (_, widget) => {
    widget.hints.setAttribute("aria-label", words.suggestionList);
  });
  document.querySelector("label[for=query]").addEventListener("click", () => {
    if (field.hidden) editor.focus();
  });

  // ---- the plain field, for those whose screen reader or keyboard gets on better with it

  editor.on("change", () => {
    if (field.value !== editor.getValue()) field.value = editor.getValue();
  });
  field.value = editor.getValue();
  field.addEventListener("input", () => editor.setValue(field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
  });
  part("plain").addEventListener("click", () => {
    const isPlain = field.hidden;
    field.hidden = !isPlain;
    host.hidden = isPlain;
    part("plain").setAttribute("aria-pressed", String(isPlain));
    if (!isPlain) editor.refresh();
  });

  // ---- the address holds the query behind #, where the server does not see it

  // also what may stand in an address, but is taken for its end when it is pasted into a text
  const escaped = (text) => encodeURIComponent(text).replace(
    /[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const fragmentOf = (query) => `#query=${escaped(query)}`;
  const queryInAddress = () => {
    const found = new URLSearchParams(location.hash.slice(1)).get("query");
    return location.hash.startsWith("#query=") ? found : null;
  };
  const takeFromAddress = () => {
    const query = queryInAddress();
    if (query !== null && query !== editor.getValue()) editor.setValue(query);
  };
  takeFromAddress();
  addEventListener("hashchange", takeFromAddress);
  for (const link of document.querySelectorAll(".languages a")) {
    link.addEventListener("click", () => { link.hash = fragmentOf(editor.getValue()); });
  }
  // an example loads the page anew; the way back leads to what was being written
  for (const link of document.querySelectorAll(".examples a")) {
    link.addEventListener("click", () => {
      history.replaceState(null, "", fragmentOf(editor.getValue()));
    });
  }
  if (location.hash === "#query") form.scrollIntoView();

  // ---- asking

  let running = null, last = null, view = "table", wrongLine = null;

  const say = (text) => { part("status").textContent = text; };
  const get = (query, more = {}) => `${form.action}?${new URLSearchParams({ query, ...more })}`;

  const mark = (line, column) => {
    wrongLine = editor.addLineClass(line - 1, "background", "wrong-line");
    const place = { line: line - 1, ch: column - 1 };
    editor.getDoc().setCursor(place);
    const offset = editor.getDoc().indexFromPos(place);
    field.setSelectionRange(offset, offset);
  };
  const unmark = () => {
    if (wrongLine !== null) editor.removeLineClass(wrongLine, "background", "wrong-line");
    wrongLine = null;
  };

  const refused = (status, problem) => {
    const place = PLACE.exec(problem.detail ?? "");
    const text = place ? filled(words.place, { line: place[1], column: place[2] })
      : filled(status === 503 ? words.busy : words.refused, { status });
    if (place) mark(Number(place[1]), Number(place[2]));
    say(text);
    part("answer").hidden = false;
    part("views").hidden = part("files").hidden = true;
    part("body").replaceChildren(element("div", { class: "note problem" },
      element("p", {}, element("b", {}, words.problem), " ", text),
      element("pre", { lang: "en" }, `${problem.title ?? status}\n${problem.detail ?? ""}`)));
  };

  const kindOf = (type) => (type.includes("sparql-results+json") ? "solutions" : "triples");

  const answered = (answer, seconds) => {
    last = answer;
    const rows = answer.data?.results?.bindings.length;
    say(rows === undefined ? filled(words.done, { seconds })
      : filled(words.rows, { rows: counted(rows), seconds }));
    part("answer").hidden = part("files").hidden = false;
    draw();
    listFiles(answer);
  };

  const draw = () => {
    const { kind, data } = last, isTable = kind === "solutions" && Boolean(data.results);
    const hasRows = isTable && data.results.bindings.length > 0;
    part("views").hidden = !hasRows;
    for (const button of part("views").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    const body = kind === "triples" ? own.graph(data, words)
      : !isTable ? element("p", { class: "lead" }, data.boolean ? words.yes : words.no)
        : !hasRows ? element("p", {}, words.empty)
          : view === "chart" ? own.chart(data, places, words) : own.table(data, places, words);
    part("body").replaceChildren(body);
    if (body.scrollWidth > body.clientWidth) body.before(element("p", { class: "small" }, words.wide));
  };

  const listFiles = ({ kind, query }) => {
    const list = part("files").querySelector("ul");
    const formats = JSON.parse(form.dataset.formats)[kind];
    const isLong = get(query, { format: "ntriples", download: "1" }).length > LONGEST_ADDRESS;
    part("files").hidden = isLong;
    list.replaceChildren(...(isLong ? [] : formats.map(([format, name]) => element("li", {},
      element("a", { href: get(query, { format, download: "1" }) }, name)))));
  };

  const send = (query, signal) => {
    const address = get(query), headers = { Accept: ACCEPT };
    return address.length <= LONGEST_ADDRESS ? fetch(address, { headers, signal })
      : fetch(form.action, { method: "POST", body: new URLSearchParams({ query }), headers, signal });
  };

  const run = async () => {
    running?.abort();
    const asked = running = new AbortController(), query = editor.getValue();
    const began = performance.now();
    unmark();
    say(words.running);
    part("stop").hidden = false;
    if (queryInAddress() !== query) history.pushState(null, "", fragmentOf(query));
    try {
      const answer = await send(query, asked.signal);
      if (!answer.ok) {
        const text = await answer.text();
        let problem;
        try { problem = JSON.parse(text); } catch { problem = { detail: text }; }
        refused(answer.status, problem);
        return;
      }
      const kind = kindOf(answer.headers.get("Content-Type") ?? "");
      const data = kind === "solutions" ? await answer.json() : await answer.text();
      const seconds = ((performance.now() - began) / 1000).toFixed(2);
      answered({ kind, data, query }, seconds);
    } catch (error) {
      if (asked !== running) return; // another run has begun
      say(error.name === "AbortError" ? words.stopped : words.unreachable);
    } finally {
      if (asked === running) {
        running = null;
        part("stop").hidden = true;
      }
    }
  };

  part("run").addEventListener("click", run);
  part("stop").addEventListener("click", () => running?.abort());
  for (const button of part("views").querySelectorAll("button")) {
    button.addEventListener("click", () => { view = button.dataset.view; draw(); });
  }

  // ---- the form of the page: other formats, as a page of their own

  form.addEventListener("submit", () => {
    form.method = get(field.value).length > LONGEST_ADDRESS ? "post" : "get";
  });
  const submit = form.querySelector("button[type=submit]");
  submit.textContent = words.inThisFormat;
  submit.classList.add("secondary");

  // ---- the query for other programs, and prefixes by a press

  const code = part("code"), client = part("client");
  const write = () => {
    code.textContent = own.snippets[client.value](
      endpoint, editor.getValue().trimEnd(), editor.getQueryType(),
    );
  };
  client.addEventListener("change", write);
  editor.on("change", () => { unmark(); write(); });
  write();

  for (const item of document.querySelectorAll(".prefixes [data-prefix]")) {
    const button = element("button", { type: "button", class: "link mono" }, item.textContent);
    button.addEventListener("click", () => {
      editor.addPrefixes({ [item.dataset.prefix]: item.dataset.namespace });
      say(filled(words.prefixAdded, { prefix: item.dataset.prefix }));
    });
    item.replaceChildren(button);
  }

  const copying = (button, text) => {
    if (!navigator.clipboard) { button.hidden = true; return; } // only over https or on this machine
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text());
      say(words.copied);
    });
  };
  copying(part("copy"), () => code.textContent);
  copying(part("link"), () => new URL(fragmentOf(editor.getValue()), location.href).href);

  for (const shown of document.querySelectorAll(".by-script[data-reveal]")) shown.hidden = false;
  editor.refresh();
  explain();
})();
