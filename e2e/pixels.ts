import type { Locator } from "@playwright/test";

/** How many pixels of what is on screen are within `tolerance` of a colour, per channel. */
export async function pixelsNear(target: Locator, color: [number, number, number], tolerance = 40): Promise<number> {
  const png = (await target.screenshot()).toString("base64");
  return target.page().evaluate(
    async ({ png, color, tolerance }) => {
      const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d")!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let near = 0;
      for (let at = 0; at < data.length; at += 4) {
        near += color.every((channel, i) => Math.abs(data[at + i]! - channel) <= tolerance) ? 1 : 0;
      }
      return near;
    },
    { png, color, tolerance },
  );
}
