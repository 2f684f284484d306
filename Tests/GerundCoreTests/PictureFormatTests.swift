import GerundCore
import Testing

@Suite("A picture format")
struct PictureFormatTests {
    private let format = PictureFormat(shorterEdge: 224, width: 224, height: 224)

    /// Values of `get_resize_output_image_size` of transformers 4.57 for a shortest edge of 224.
    @Test(
        "scales the shorter edge and cuts the longer one to a whole pixel",
        arguments: [
            (1920, 1080, 398, 224), (1080, 1920, 224, 398), (640, 360, 398, 224), (333, 517, 224, 347),
            (100, 80, 280, 224), (224, 224, 224, 224), (1, 1, 224, 224), (1280, 720, 398, 224), (720, 576, 280, 224),
            (352, 288, 273, 224), (4096, 3, 305_834, 224), (225, 224, 225, 224), (224, 225, 224, 225),
        ])
    func scaledSize(width: Int, height: Int, scaledWidth: Int, scaledHeight: Int) {
        #expect(self.format.scaledSize(width: width, height: height) == (scaledWidth, scaledHeight))
    }

    @Test("equals the rule in whole numbers for every size up to 300 and every edge of published models")
    func integerRule() {
        for edge in [96, 224, 256, 336] {
            let format = PictureFormat(shorterEdge: edge, width: edge, height: edge)
            for width in 1...300 {
                for height in 1...300 {
                    let (scaledWidth, scaledHeight) = format.scaledSize(width: width, height: height)
                    guard
                        min(scaledWidth, scaledHeight) == edge,
                        max(scaledWidth, scaledHeight) == edge * max(width, height) / min(width, height)
                    else {
                        Issue.record("\(width)x\(height) at \(edge) becomes \(scaledWidth)x\(scaledHeight)")
                        return
                    }
                }
            }
        }
    }

    @Test("counts three bytes a pixel of the crop")
    func byteCount() {
        #expect(PictureFormat(shorterEdge: 256, width: 224, height: 200).byteCount == 224 * 200 * 3)
    }
}
