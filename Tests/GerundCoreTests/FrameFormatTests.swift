import GerundCore
import Testing

@Suite("FrameFormat")
struct FrameFormatTests {
    private let format = FrameFormat(shortestEdge: 224, cropSize: PixelSize(square: 224))

    /// Values of `get_resize_output_image_size` of transformers 4.57 for a shortest edge of 224.
    @Test(
        "Scales the shorter edge and truncates the longer one to a whole pixel",
        arguments: [
            (1920, 1080, 398, 224), (1080, 1920, 224, 398), (640, 360, 398, 224), (333, 517, 224, 347),
            (100, 80, 280, 224), (224, 224, 224, 224), (1, 1, 224, 224), (1280, 720, 398, 224), (720, 576, 280, 224),
            (352, 288, 273, 224), (4096, 3, 305_834, 224), (225, 224, 225, 224), (224, 225, 224, 225),
        ])
    func scaledSize(width: Int, height: Int, scaledWidth: Int, scaledHeight: Int) {
        #expect(
            self.format.scaledSize(of: PixelSize(width: width, height: height))
                == PixelSize(width: scaledWidth, height: scaledHeight))
    }

    @Test("Follows the rule in integers for every size up to 300x300", arguments: [96, 224, 256, 336])
    func integerRule(edge: Int) {
        let format = FrameFormat(shortestEdge: edge, cropSize: PixelSize(square: edge))
        for width in 1...300 {
            for height in 1...300 {
                let scaled = format.scaledSize(of: PixelSize(width: width, height: height))
                guard
                    min(scaled.width, scaled.height) == edge,
                    max(scaled.width, scaled.height) == edge * max(width, height) / min(width, height)
                else {
                    Issue.record("\(width)x\(height) at \(edge) becomes \(scaled)")
                    return
                }
            }
        }
    }

    @Test("Counts three bytes per pixel of the crop")
    func byteCount() {
        #expect(
            FrameFormat(shortestEdge: 256, cropSize: PixelSize(width: 224, height: 200)).byteCount == 224 * 200 * 3)
    }

    @Test("Describes a size as WIDTHxHEIGHT and exchanges its edges")
    func pixelSize() {
        #expect(PixelSize(width: 640, height: 480).description == "640x480")
        #expect(PixelSize(width: 640, height: 480).transposed == PixelSize(width: 480, height: 640))
    }
}
