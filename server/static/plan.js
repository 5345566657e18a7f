// Filters and sorts the list of projects in place: the same addresses, the same rows, for the
// server makes both. Without this script the form and the links load the page instead.
(() => {
  "use strict";
  const script = document.currentScript;
  const form = document.getElementById("project-filter");
  const status = document.getElementById("project-status");
  let current = location.href;
  let asked = null;

  const results = () => document.getElementById("project-results");

  // the form shows what the address says
  const fill = (address) => {
    const parameters = new URL(address).searchParams;
    for (const field of form.elements) {
      if (field.type === "checkbox") field.checked = parameters.get(field.name) === field.value;
      else if (field.tagName === "SELECT") field.value = parameters.get(field.name) || "";
    }
    for (const name of ["sort", "dir"]) {
      let field = form.querySelector(`input[name=${name}]`);
      if (!parameters.has(name)) { if (field) field.remove(); continue; }
      if (!field) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        form.append(field);
      }
      field.value = parameters.get(name);
    }
  };

  const load = async (address, focus, isBack) => {
    if (asked) asked.abort();
    const own = asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: own.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("project-results");
      if (!fresh) throw new Error("no list");
      results().replaceWith(document.importNode(fresh, true));
      if (!isBack) history.pushState(null, "", address);
      current = location.href;
      for (const link of page.querySelectorAll(".languages a")) {
        const old = document.querySelector(`.languages a[hreflang="${link.hreflang}"]`);
        if (old) old.href = link.getAttribute("href");
      }
      fill(address);
      status.textContent = results().dataset.announce;
      const target = focus && document.querySelector(focus);
      if (target) target.focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== "AbortError") location.assign(address);
    } finally {
      if (asked === own) asked = null;
    }
  };

  if (form && status && results()) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const address = new URL(form.action);
      for (const [name, value] of new FormData(form)) {
        if (value) address.searchParams.append(name, value);
      }
      load(address.href, null, false);
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("#project-results .sort, .active-filters a");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      const key = link.dataset.key;
      load(link.href, key ? `.sort[data-key=${key}]` : "#project-count, #filter-policy", false);
    });
    addEventListener("popstate", () => {
      // a move within the page is no other list
      if (location.href.split("#")[0] === current.split("#")[0]) return;
      load(location.href, null, true);
    });
  }

  if (navigator.clipboard) {
    for (const text of document.querySelectorAll("main pre, main .copyable")) {
      const button = document.createElement("button");
      const say = (word) => {
        button.textContent = word;
        // there are many of them on a page: each says what it copies
        if (text.matches(".copyable")) button.ariaLabel = `${word} ${text.textContent}`;
      };
      button.type = "button";
      say(script.dataset.copy);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(text.textContent);
        say(script.dataset.copied);
      });
      text.after(button);
    }
  }
})();
