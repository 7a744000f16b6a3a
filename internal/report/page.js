"use strict";
// The table of users: filters, sorts and shows a page of rows at a time. Values
// of the data reach the document as text alone.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const total = data.names.length;
  const $ = (id) => document.getElementById(id);
  const byID = !data.ids; // users are shown by their object id
  const label = { domain: (i) => data.domains[i] || "no home domain", type: (i) => data.types[i] || "no userType" };
  const meant = new Set(data.meant || []);
  const display = (i) => (data.display && data.display[i] !== data.names[i] ? data.display[i] : "");
  const codeOf = (i) => data.codes[data.decisions[data.decision[i]].code];

  // What the search looks into: of each user, and of what many share.
  const haystack = new Array(total);
  for (let i = 0; i < total; i++) {
    haystack[i] = (byID ? data.names[i] : data.names[i] + "\n" + data.addresses[i] + "\n" + display(i) + "\n" + data.ids[i]).toLowerCase();
  }
  const lower = (list) => list.map((s) => s.toLowerCase());
  const decisionTexts = lower(data.decisions.map((d) => d.text));
  const domainTexts = lower(data.domains);
  const setTexts = lower(data.sets.map((set) => set.map((g) => data.groups[g]).join("\n")));

  const state = { words: [], verdict: "", code: "", domain: "", type: "", group: "", sort: "name", down: false, page: 0, size: 100, open: -1 };
  const filters = ["verdict", "code", "domain", "type", "group"];
  let found = new Uint32Array(0);

  function filter() {
    const decisionOK = data.decisions.map((d) => {
      const code = data.codes[d.code];
      return (!state.verdict || code.verdict === state.verdict) && (!state.code || code.name === state.code);
    });
    const domain = state.domain === "" ? -1 : Number(state.domain);
    const type = state.type === "" ? -1 : Number(state.type);
    const group = state.group === "" ? -1 : Number(state.group);
    const setOK = data.sets.map((set) => group < 0 || set.includes(group));
    const shared = state.words.map((w) => ({
      word: w, decision: decisionTexts.map((t) => t.includes(w)), domain: domainTexts.map((t) => t.includes(w)), set: setTexts.map((t) => t.includes(w)),
    }));
    const out = new Uint32Array(total);
    let n = 0;
    rows: for (let i = 0; i < total; i++) {
      if (!decisionOK[data.decision[i]] || (domain >= 0 && data.domain[i] !== domain) || (type >= 0 && data.type[i] !== type) || !setOK[data.set[i]]) continue;
      for (const s of shared) {
        if (!s.decision[data.decision[i]] && !s.domain[data.domain[i]] && !s.set[data.set[i]] && !haystack[i].includes(s.word)) continue rows;
      }
      out[n++] = i;
    }
    found = sorted(out.subarray(0, n));
  }

  // Users come by name and dictionaries are ascending, so to sort is to count.
  function sorted(list) {
    if (state.sort === "name") return state.down ? list.reverse() : list;
    const column = data[state.sort];
    const at = new Uint32Array(data[state.sort + "s"].length + 1);
    for (const i of list) at[column[i] + 1]++;
    for (let k = 1; k < at.length; k++) at[k] += at[k - 1];
    const out = new Uint32Array(list.length);
    for (const i of list) out[at[column[i]]++] = i;
    return state.down ? out.reverse() : out;
  }

  function make(tag, props, ...children) {
    const e = document.createElement(tag);
    for (const [k, v] of Object.entries(props || {})) {
      if (k === "class") e.className = v;
      else e.setAttribute(k, v);
    }
    e.append(...children);
    return e;
  }
  const bdi = (text) => make("bdi", {}, text);
  const count = (n, noun) => n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");

  function row(i, position) {
    const d = data.decisions[data.decision[i]];
    const verdict = data.codes[d.code].verdict;
    const button = make("button", { type: "button", "aria-expanded": String(state.open === i), "data-row": i }, make("span", {}, bdi(data.names[i])));
    const people = [display(i), byID ? "" : data.addresses[i]].filter(Boolean).map((s) => make("span", { class: "name2" }, bdi(s)));
    if (state.open === i) button.setAttribute("aria-controls", "detail");
    return make("tr", { "aria-rowindex": position + 2, role: "row" },
      make("th", { scope: "row", role: "rowheader" }, button, ...people),
      make("td", { "data-label": "Decision", role: "cell" }, make("span", {}, make("span", { class: "badge " + (meant.has(i) ? "meant" : verdict) }, verdict), " ", bdi(d.text.slice(d.text.indexOf(": ") + 2)))),
      make("td", { "data-label": "Home domain", role: "cell" }, bdi(label.domain(data.domain[i]))),
      make("td", { "data-label": "User type", role: "cell" }, bdi(label.type(data.type[i]))));
  }

  // links turns the addresses in a text of the provider's own into links.
  function links(text) {
    return text.split(" ").flatMap((part, k) => {
      const space = k ? [" "] : [];
      return part.startsWith("https://") ? [...space, make("a", { href: part, rel: "noreferrer" }, part)] : [...space, part];
    });
  }

  function fixes(i) {
    const s = data.situations[data.situation[i]];
    if (!s) return null;
    if (s.example < 0) return make("p", {}, "Not tried for this situation. The data source ", make("code", {}, "usersync_decision"), " tries them.");
    if (s.example !== i) {
      const go = make("button", { type: "button", "data-go": s.example }, bdi(data.names[s.example]));
      return make("p", {}, "Not tried for this user. They were for ", go, ", who has the same decision, home domain and type; the data source ", make("code", {}, "usersync_decision"), " tries them for this one.");
    }
    if (!s.fixes.length) return make("p", {}, "The engine tried what it knows for this user; none of it is enough.");
    return make("ol", {}, ...s.fixes.map((f) => make("li", {}, make("strong", {}, bdi(f.change)),
      make("br"), "Who: ", bdi(f.who), make("br"), "Effect: ", bdi(f.effect), ...(f.caveats ? [make("br"), "May be undone: ", bdi(f.caveats)] : []))));
  }

  function detail(i) {
    const d = data.decisions[data.decision[i]];
    const code = data.codes[d.code];
    const dl = make("dl");
    const add = (term, ...value) => dl.append(make("dt", {}, term), make("dd", {}, ...value));
    add("Decision", make("code", {}, bdi(d.text)));
    add("Explanation", bdi(d.sentence));
    add("Confidence", d.confidence + (d.confidence === "documented" ? "" : ": as sure as the weakest step of the decision; usersync_decision shows each"));
    add("Source of the rule", ...links(code.source));
    for (const w of (d.warnings || []).map((k) => data.warnings[k])) {
      add("Warning " + w.name, w.description + " (" + w.confidence + ") ", ...links(w.source));
    }
    if (meant.has(i)) add("What to do", "Nothing: this account isn't meant to sync.");
    else if (code.remedy) add("What to do", code.remedy);
    const groups = data.sets[data.set[i]];
    add("Groups in " + data.target, groups.length ? make("ul", {}, ...groups.map((g) => make("li", {}, bdi(data.groups[g])))) : "none");
    const tried = fixes(i);
    if (tried) add("Fixes, each tried by deciding again", tried);
    if (display(i)) add("Display name", bdi(display(i)));
    if (!byID) {
      add("Address", bdi(data.addresses[i] || data.names[i]));
      add("Object id", make("code", {}, bdi(data.ids[i])));
    }
    const cell = make("td", { colspan: 4, id: "detail", role: "cell" }, make("section", { "aria-label": "Details of " + data.names[i] }, dl));
    return make("tr", { class: "detail", role: "row" }, cell);
  }

  function render() {
    const pages = Math.max(1, Math.ceil(found.length / state.size));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const from = state.page * state.size;
    const to = Math.min(found.length, from + state.size);
    const list = [];
    for (let k = from; k < to; k++) {
      list.push(row(found[k], k));
      if (found[k] === state.open) list.push(detail(found[k]));
    }
    if (!list.length) list.push(make("tr", {}, make("td", { colspan: 4 }, "No user matches.")));
    $("rows").replaceChildren(...list);
    $("table").setAttribute("aria-rowcount", found.length + 1);
    const which = found.length === total ? count(total, "user") : count(found.length, "user") + " of " + total.toLocaleString("en");
    const text = found.length ? which + ", " + (from + 1).toLocaleString("en") + " to " + to.toLocaleString("en") + " shown" : "No user of " + total.toLocaleString("en") + " matches";
    if ($("count").textContent !== text) $("count").textContent = text;
    $("page").textContent = "Page " + (state.page + 1).toLocaleString("en") + " of " + pages.toLocaleString("en");
    $("first").disabled = $("prev").disabled = state.page === 0;
    $("next").disabled = $("last").disabled = state.page === pages - 1;
    for (const th of document.querySelectorAll("#table [data-sort]")) {
      if (th.dataset.sort === state.sort) th.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
  }

  // The filters stand in the address, by what they name, so that it can be sent.
  const named = {
    domain: [(v) => label.domain(v), (s) => data.domains.findIndex((_, k) => label.domain(k) === s)],
    type: [(v) => label.type(v), (s) => data.types.findIndex((_, k) => label.type(k) === s)],
    group: [(v) => data.groups[v], (s) => data.groups.indexOf(s)],
  };
  let written = "";
  function writeAddress() {
    const p = new URLSearchParams();
    if (state.words.length) p.set("q", state.words.join(" "));
    for (const name of ["verdict", "code"]) if (state[name]) p.set(name, state[name]);
    for (const name of ["domain", "type", "group"]) if (state[name] !== "") p.set(name, named[name][0](Number(state[name])));
    const is = p.size ? "#?" + p : "";
    if (is === written) return;
    written = is;
    history.replaceState(null, "", is || "#users");
  }
  function readAddress() {
    if (!location.hash.startsWith("#?")) return false;
    written = location.hash;
    const p = new URLSearchParams(location.hash.slice(2));
    state.words = (p.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
    $("q").value = p.get("q") || "";
    for (const name of ["verdict", "code"]) state[name] = [...$("f-" + name).options].some((o) => o.value === p.get(name)) ? p.get(name) : "";
    for (const name of ["domain", "type", "group"]) {
      const at = p.has(name) ? named[name][1](p.get(name)) : -1;
      state[name] = at < 0 ? "" : String(at);
    }
    for (const name of filters) $("f-" + name).value = state[name];
    return true;
  }

  function update() {
    writeAddress();
    state.page = 0;
    state.open = -1;
    filter();
    render();
  }

  const buttonOf = (i) => $("rows").querySelector('button[data-row="' + i + '"]');

  // toggle opens or closes a user's details; the other rows stay as they are.
  function toggle(i) {
    const was = state.open;
    const old = $("detail");
    if (old) old.parentElement.remove();
    state.open = was === i ? -1 : i;
    for (const k of [was, i]) {
      const button = k >= 0 && buttonOf(k);
      if (!button) continue;
      button.setAttribute("aria-expanded", String(state.open === k));
      if (state.open === k) button.setAttribute("aria-controls", "detail");
      else button.removeAttribute("aria-controls");
    }
    if (state.open === i) buttonOf(i).closest("tr").after(detail(i));
    buttonOf(i).focus();
  }

  // go shows a user wherever the filters and pages are.
  function go(i) {
    if (!found.includes(i)) clear();
    state.page = Math.floor(found.indexOf(i) / state.size);
    state.open = i;
    render();
    buttonOf(i).focus();
  }

  function clear() {
    Object.assign(state, { words: [], verdict: "", code: "", domain: "", type: "", group: "" });
    $("q").value = "";
    for (const name of filters) $("f-" + name).value = "";
    update();
  }

  function options(name, list) {
    $("f-" + name).replaceChildren(new Option("all", ""), ...list.map(([value, text]) => new Option(text, value)));
    $("f-" + name).addEventListener("change", (e) => { state[name] = e.target.value; update(); });
  }

  const used = new Set(data.decisions.map((d) => d.code));
  const codes = data.codes.filter((_, k) => used.has(k));
  options("verdict", ["sync", "skip", "unknown"].filter((v) => codes.some((c) => c.verdict === v)).map((v) => [v, v]));
  options("code", codes.map((c) => [c.name, c.name]));
  options("domain", data.domains.map((_, k) => [k, label.domain(k)]));
  options("type", data.types.map((_, k) => [k, label.type(k)]));
  options("group", data.groups.map((name, k) => [k, name]).sort((a, b) => a[1].localeCompare(b[1], "en")).slice(0, 2000));
  $("q").addEventListener("input", (e) => { state.words = e.target.value.toLowerCase().split(/\s+/).filter(Boolean); update(); });
  $("size").addEventListener("change", (e) => { state.size = Number(e.target.value); state.page = 0; render(); });
  $("reset").addEventListener("click", clear);
  for (const [id, to] of [["first", () => 0], ["prev", () => state.page - 1], ["next", () => state.page + 1], ["last", () => Infinity]]) {
    $(id).addEventListener("click", () => { state.page = to(); state.open = -1; render(); });
  }
  for (const th of document.querySelectorAll("#table [data-sort]")) {
    th.firstElementChild.addEventListener("click", () => {
      state.down = state.sort === th.dataset.sort && !state.down;
      state.sort = th.dataset.sort;
      update();
    });
  }
  for (const b of document.querySelectorAll("button.show")) {
    b.hidden = false;
    b.addEventListener("click", () => {
      clear();
      if (b.dataset.code) $("f-code").value = state.code = b.dataset.code;
      if (b.dataset.group) $("f-group").value = state.group = b.dataset.group;
      update();
      $("users-h").focus();
    });
  }
  $("rows").addEventListener("click", (e) => {
    const b = e.target.closest("button");
    if (b && b.dataset.row) toggle(Number(b.dataset.row));
    else if (b && b.dataset.go) go(Number(b.dataset.go));
  });
  $("rows").addEventListener("keydown", (e) => {
    if (e.key === "Escape" && state.open >= 0) {
      toggle(state.open);
      return;
    }
    const all = [...$("rows").querySelectorAll("button[data-row]")];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[e.key];
    if (at < 0 || to === undefined || !all[to]) return;
    e.preventDefault();
    all[to].focus();
  });

  // What no spreadsheet takes for a formula.
  const cell = (s) => {
    const safe = /^( *=|[-+@])/.test(s) ? "'" + s : s;
    return /[",\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  function csv() {
    const head = ["user", ...(byID ? [] : ["display_name", "address", "id"]), "verdict", "code", "decision", "home_domain", "user_type", "groups"];
    const lines = [head.join(",")];
    for (const i of found) {
      const d = data.decisions[data.decision[i]];
      const code = codeOf(i);
      lines.push([
        data.names[i], ...(byID ? [] : [display(i), data.addresses[i] || data.names[i], data.ids[i]]), code.verdict, code.name, d.text,
        data.domains[data.domain[i]], data.types[data.type[i]], data.sets[data.set[i]].map((g) => data.groups[g]).join("; "),
      ].map(cell).join(","));
    }
    return lines.join("\r\n") + "\r\n";
  }
  $("csv").addEventListener("click", () => {
    const { createObjectURL: keep, revokeObjectURL: forget } = URL;
    const a = make("a", { href: keep(new Blob([csv()], { type: "text/csv" })), download: "who-syncs.csv" });
    a.click();
    forget(a.href);
  });

  // Stacked columns are no table to a browser any more; roles say that they are.
  const role = (selector, name) => document.querySelectorAll(selector).forEach((e) => e.setAttribute("role", name));
  for (const [selector, name] of [["table", "table"], ["thead,tbody", "rowgroup"], ["tr", "row"], ["td", "cell"], ["th[scope=col]", "columnheader"], ["th[scope=row]", "rowheader"]]) role(selector, name);

  $("app").hidden = false;
  addEventListener("hashchange", () => {
    if (location.hash === written || !readAddress()) return;
    state.page = 0;
    state.open = -1;
    filter();
    render();
  });
  const asked = readAddress();
  filter();
  render();
  if (asked) $("users-h").scrollIntoView();
})();
