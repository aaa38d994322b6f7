// The bridge to Python, where the page is shown as a widget: messages to and from its frame.

const FRAME = "tnet-widget";
const PATIENCE = 5000;

/**
 * Tells Python of every change, and shows what it answers. One question is on its way at a time,
 * so that a drag does not leave a queue of them behind.
 */
class Bridge {
  /** Only the widget names its frame so; a page anywhere else says nothing to anyone. */
  static isAwaited() {
    return window.parent !== window && window.name === FRAME;
  }

  constructor(page) {
    Object.assign(this, { page, serial: 0, asked: false, askedAt: 0, behind: false });
  }

  /** Say that the page stands, and how high it is whenever that changes. */
  open() {
    const { root } = this.page;
    root.classList.add("fitted");
    window.addEventListener("message", (event) => {
      if (event.source === window.parent) this.hear(event.data);
    });
    const height = () => Math.ceil(root.getBoundingClientRect().height);
    new ResizeObserver(() => this.post({ kind: "height", height: height() })).observe(root);
    this.post({ kind: "ready" });
  }

  post(message) {
    // A frame without an origin of its own can name none.
    window.parent.postMessage(message, "*");
  }

  /** Sides and dims of the moment, exact: dims may be longer than JSON's numbers. */
  state() {
    const { sideA, model } = this.page;
    const modes = [...sideA.keys()].filter((mode) => sideA[mode]);
    return { sideA: modes, dims: model.dims.map(String) };
  }

  /** Ask for the cut of the moment; again once the answer is there, if more changes until then. */
  ask() {
    this.behind = this.isAwaiting();
    if (this.behind) return;
    Object.assign(this, { asked: true, askedAt: performance.now(), serial: this.serial + 1 });
    this.showAsked();
    this.post({ kind: "change", serial: this.serial, ...this.state() });
  }

  /** An answer can be lost, as when the kernel is interrupted: no waiting without end. */
  isAwaiting() {
    return this.asked && performance.now() - this.askedAt < PATIENCE;
  }

  hear(told) {
    // What Python says before it answers the question is of a state that the question replaces.
    if (told.own ? told.serial !== this.serial : this.isAwaiting()) return;
    this.asked = false;
    if (this.behind) {
      this.ask();
      return;
    }
    this.showAsked();
    if (this.isNews(told)) this.page.take(told);
  }

  isNews({ error, cut, sideA, dims }) {
    return Boolean(error || cut) || JSON.stringify({ sideA, dims }) !== JSON.stringify(this.state());
  }

  showAsked() {
    const isAwaited = this.asked && !this.page.model.live;
    this.page.find(".answer").setAttribute("aria-busy", isAwaited);
  }
}
