import "@mantine/core/styles.css";
import "@fontsource-variable/figtree/wght.css";
import "@ui/global.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "@ui/api/query";
import { SpeechProvider } from "@ui/i18n";
import { firstLanguage, textsOf } from "@ui/i18n/texts";
import { nonce } from "@ui/nonce";
import { router } from "@ui/router";
import { theme, variables } from "@ui/theme";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");

const Toasts = lazy(() => import("@ui/shell/Toasts"));

// A page loaded before an upgrade asks for files that are gone: the new ones come with a fresh page.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("towpath.reloaded") ?? 0);
  if (Date.now() - last < 10_000) return;
  sessionStorage.setItem("towpath.reloaded", String(Date.now()));
  window.location.reload();
});

// Not awaited at the top: the file of texts may import from this one, and would wait for it for ever.
async function start(place: HTMLElement) {
  const language = firstLanguage();
  document.documentElement.lang = language;
  const texts = await textsOf(language);
  createRoot(place).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <SpeechProvider language={language} texts={texts}>
          <QueryClientProvider client={queries}>
            <Suspense>
              <Toasts />
            </Suspense>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </SpeechProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start(root);
