import { setNonce } from "get-nonce";

/** The nonce of this page, which style tags made by libraries must carry. The build writes the tag that holds it. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

// What keeps the page from scrolling behind a dialog writes a style tag of its own.
setNonce(nonce);
