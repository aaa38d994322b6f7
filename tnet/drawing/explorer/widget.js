// The widget's part in the notebook: the page in a frame of its own, messages from and to Python.

function render({ model, el }) {
  const view = Math.random().toString(36).slice(2);
  const frame = document.createElement("iframe");
  // By its name the page knows that somebody listens.
  Object.assign(frame, { title: "tnet explorer", name: "tnet-widget", allow: "clipboard-write" });
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = "display:block;width:100%;height:120px;border:0";
  const fromPage = ({ source, data }) => {
    if (source !== frame.contentWindow) return;
    if (data.kind === "height") frame.style.height = `${data.height}px`;
    else model.send({ ...data, view });
  };
  const fromPython = (told) => {
    const own = told.view === view;
    if (told.kind === "state") frame.contentWindow?.postMessage({ ...told, own }, "*");
    else if (own) frame.srcdoc = told.html;
  };
  window.addEventListener("message", fromPage);
  model.on("msg:custom", fromPython);
  el.append(frame);
  model.send({ kind: "open", view });
  return () => {
    window.removeEventListener("message", fromPage);
    model.off("msg:custom", fromPython);
  };
}

export default { render };
