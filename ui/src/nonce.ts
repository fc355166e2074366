import { setNonce } from "get-nonce";

/** The nonce of this page, which style tags made by libraries must carry. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// What keeps the page from scrolling behind a dialog writes a style tag of its own.
setNonce(nonce);
