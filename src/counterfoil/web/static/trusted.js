// Strings become markup here, as htmx asks for it; nothing of ours makes strings into script, and the
// policy of the pages lets nothing else.
window.trustedTypes?.createPolicy("default", { createHTML: (markup) => markup });
