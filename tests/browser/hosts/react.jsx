// A page in React. `properties` go to the element as they are named; `attributes` are written out, as a site's owner copies them.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

function App() {
  const [{ there = true, order = ["above", "ticker", "below"], properties = {}, attributes: a = {} }, set] = useState(window.first);
  window.show = (state) => set(state);
  const parts = {
    above: <p key="above">Above</p>,
    ticker: there && (
      <headline-ticker
        key="ticker" src={a.src} layout={a.layout} limit={a.limit} interval={a.interval} only={a.only} max-age={a.maxAge}
        dismissible={a.dismissible} label={a.label} label-latest={a.labelLatest} label-breaking={a.labelBreaking} {...properties}
      >
        <a href="https://quay.example/">Latest headlines</a>
      </headline-ticker>
    ),
    below: <p key="below">Below</p>,
  };
  return <main>{order.map((name) => parts[name])}</main>;
}

createRoot(document.querySelector("#app")).render(<StrictMode><App /></StrictMode>);
