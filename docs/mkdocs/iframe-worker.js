// The site's search runs in a web worker, which browsers refuse to a page opened from disk; there, a hidden frame does
// what the worker would.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      this.ready = new Promise((resolve) => {
        this.frame.addEventListener("load", () => this.begin(url, resolve), { once: true });
      });
      document.body.append(this.frame);
    }

    begin(url, resolve) {
      const { contentWindow, contentDocument } = this.frame;
      contentWindow.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      const script = contentDocument.createElement("script");
      script.src = url;
      script.addEventListener("load", resolve, { once: true });
      contentDocument.head.append(script);
    }

    async postMessage(data) {
      await this.ready;
      this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
    }
  };
}
