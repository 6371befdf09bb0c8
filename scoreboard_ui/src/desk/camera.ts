/** Reads QR codes from the camera: by the browser's own detector where it has one, else by a decoder that is loaded only then. */

export type Reader = (frame: HTMLVideoElement) => Promise<string | null>;

export type NoCamera = "insecure" | "denied" | "none";

interface Detector {
  detect(frame: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

interface Detectors {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** A smaller picture is enough for a code that fills a third of it, and decodes ten times as fast. */
const SIDE_MAX_PX = 800;

export async function readerOf(): Promise<Reader> {
  return (await builtIn()) ?? (await decoder());
}

async function builtIn(): Promise<Reader | null> {
  const Detector = (globalThis as { BarcodeDetector?: Detectors }).BarcodeDetector;
  try {
    if (Detector === undefined || !(await Detector.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new Detector({ formats: ["qr_code", "code_128", "code_39"] });
    return async (frame) => (await detector.detect(frame))[0]?.rawValue ?? null;
  } catch {
    return null;
  }
}

async function decoder(): Promise<Reader> {
  const { default: decode } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  return async (frame) => {
    const scale = Math.min(1, SIDE_MAX_PX / Math.max(frame.videoWidth, frame.videoHeight, 1));
    canvas.width = Math.round(frame.videoWidth * scale);
    canvas.height = Math.round(frame.videoHeight * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null || canvas.width === 0) return null;
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    try {
      return decode(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in this picture
    }
  };
}

export async function openCamera(): Promise<MediaStream | NoCamera> {
  const cameras = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (!isSecureContext || cameras === undefined) return "insecure";
  try {
    return await cameras.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch (fault) {
    return fault instanceof DOMException && fault.name === "NotAllowedError" ? "denied" : "none";
  }
}
