/* Optional: every page works without it. Listeners sit on the document, so that a list which htmx has
   swapped in needs no second start. Budget: 4 KB raw. */
(() => {
  const $$ = (s, r = document) => [...r.querySelectorAll(s)];
  const on = (type, act) => document.addEventListener(type, act);
  const menus = () => $$("details.menu[open]");

  // 1. One open menu at a time. Escape or a click elsewhere closes it; Escape gives the focus back.
  on("click", e => menus().forEach(d => d.contains(e.target) || (d.open = false)));
  on("keydown", e => {
    if (e.key === "Escape") menus().forEach(d => { d.open = false; d.querySelector("summary").focus(); });
    // 2. "/" goes to the search, unless somebody is typing. data-nokeys turns it off (WCAG 2.1.4).
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || document.documentElement.dataset.nokeys) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.target.isContentEditable) return;
    const search = document.querySelector("[type=search]");
    if (search) { e.preventDefault(); search.focus(); }
  });

  // 3. Selects marked data-auto send their form; the class hides their Go button.
  document.documentElement.classList.add("js");
  on("change", e => e.target.matches("[data-auto]") && e.target.form.requestSubmit());

  // 4. Counters below fields with a limit: data-words holds "{n} of {max} characters".
  const count = f => {
    const out = document.getElementById(f.dataset.out);
    const say = n => (+n).toLocaleString(document.documentElement.lang);
    if (out) out.textContent = f.dataset.words.replace("{n}", say(f.value.length)).replace("{max}", say(f.dataset.max));
  };
  on("input", e => {
    if (e.target.matches("[data-max]")) count(e.target);
    const form = e.target.closest("form[data-guard]");
    if (form) form.dataset.dirty = "1";
  });

  // 5. Ask before leaving a form with unsaved edits.
  on("submit", e => delete e.target.dataset.dirty);
  addEventListener("beforeunload", e => { if (document.querySelector("form[data-dirty]")) e.preventDefault(); });

  // 6. Show problems first: the error summary takes the focus.
  const ready = root => {
    $$("[data-max]", root).forEach(count);
    $$("[data-now]", root).forEach(n => (n.textContent = new Date().toTimeString().slice(0, 5)));
    root.querySelector(".summary-err")?.focus();
  };
  ready(document);

  // 7. A list that htmx renews: skeleton rows after 400 ms, and what to do when it did not come.
  let slow;
  const busy = (e, state) => {
    clearTimeout(slow);
    const list = e.detail.target?.closest?.("[data-list]");
    if (!list) return;
    const say = (name, show) => $$(`[data-${name}]`, list).forEach(n => (n.hidden = !show));
    const set = b => { list.setAttribute("aria-busy", b); say("loading", b); };
    if (state === "waiting") slow = setTimeout(set, 400, true); else set(false);
    say("failed", state === "failed");
  };
  on("htmx:beforeRequest", e => busy(e, "waiting"));
  on("htmx:afterRequest", e => busy(e, e.detail.successful ? "done" : "failed"));
  on("htmx:load", e => ready(e.detail.elt));
})();
