import Foundation
import GerundCore
import Testing

@testable import XCLIP

@Suite("The image processor")
struct ImageProcessorTests {
    /// One picture of Tests/Oracle/image_processor.py.
    struct Example: Decodable, CustomTestStringConvertible, Sendable {
        var width: Int
        var height: Int
        /// A `preprocessor_config.json`.
        var settings: String
        /// `[H, W, 3]`
        var shape: [Int]
        /// FNV-1a of the first 8 rows of the input, and of all bytes of the result.
        var input: String
        var hash: String
        /// Every 499th byte of the result, and every 499th normalised value.
        var bytes: [UInt8]
        var values: [Float]

        var testDescription: String { "\(self.width)x\(self.height) \(self.settings)" }
    }

    struct Expected: Decodable {
        var stride: Int
        var cases: [Example]
    }

    static let expected: Expected = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/image-processor/expected.json")
        let data = (try? Data(contentsOf: file)) ?? Data()
        return (try? JSONDecoder().decode(Expected.self, from: data)) ?? Expected(stride: 0, cases: [])
    }()

    /// The picture of the Python script: gradients that wrap, with noise.
    static func picture(width: Int, height: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(width * height * 3)
        for y in 0..<UInt32(height) {
            for x in 0..<UInt32(width) {
                for c in 0..<UInt32(3) {
                    var noise = x &* 73_856_093 ^ y &* 19_349_663 ^ c &* 83_492_791
                    noise = (noise ^ noise >> 13) &* 1_274_126_177
                    noise = noise ^ noise >> 16
                    let gradient = x * 3 + y * (c + 1) * 2
                    bytes.append(UInt8(truncatingIfNeeded: gradient / 4 + (noise & 63)))
                }
            }
        }
        return bytes
    }

    static func fnv1a(_ bytes: some Sequence<UInt8>) -> String {
        let value = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test("has its examples")
    func examples() {
        #expect(Self.expected.cases.count > 25)
    }

    @Test("makes the bytes of the reference, bit by bit, and its values", arguments: Self.expected.cases)
    func reference(example: Example) throws {
        let picture = Self.picture(width: example.width, height: example.height)
        #expect(Self.fnv1a(picture.prefix(8 * example.width * 3)) == example.input, "another input than the script's")
        let processor = try ImageProcessor(configuration: Data(example.settings.utf8))
        #expect([processor.height, processor.width, 3] == example.shape)

        let result = processor.pictureBytes(fromRGB: picture.span, width: example.width, height: example.height)
        let stride = Self.expected.stride
        for (i, byte) in example.bytes.enumerated() where result[i * stride] != byte {
            Issue.record("byte \(i * stride): \(result[i * stride]) is not \(byte)")
            break
        }
        #expect(Self.fnv1a(result) == example.hash)

        let values = processor.pixelValues(fromPicture: result.span)
        var largest: Float = 0
        for (i, value) in example.values.enumerated() { largest = max(largest, abs(values[i * stride] - value)) }
        // float32 in another order of rounding, values up to 255; the 8-bit part is exact
        #expect(largest <= 2e-5 * max(1, example.values.map(abs).max() ?? 0), "\(largest)")
    }

    @Test("does scaling and normalising in one call as well")
    func oneCall() throws {
        let processor = try ImageProcessor(imageSize: 32)
        let picture = Self.picture(width: 50, height: 40)
        let bytes = processor.pictureBytes(fromRGB: picture.span, width: 50, height: 40)
        let values = processor.pixelValues(fromRGB: picture.span, width: 50, height: 40)
        #expect(values == processor.pixelValues(fromPicture: bytes.span))
        // [3, H, W] from [H, W, 3]
        let green = Float(bytes[(5 * 32 + 7) * 3 + 1])
        #expect(abs(values[32 * 32 + 5 * 32 + 7] - (green / 255 - 0.456) / 0.224) < 1e-6)
    }

    @Test("looks normalised values up in a table of all bytes")
    func lookupTable() {
        let table = PixelNormalization.imageNet.lookupTable()
        #expect(table.count == 3 * 256)
        #expect(abs(table[0] - -0.485 / 0.229) < 1e-6)
        #expect(abs(table[256 + 51] - (0.2 - 0.456) / 0.224) < 1e-6)
        #expect(abs(table[2 * 256 + 255] - (1 - 0.406) / 0.225) < 1e-6)
    }

    @Test("needs memory for the crop only, however long the picture", .timeLimit(.minutes(1)))
    func extremeAspect() throws {
        // The scaled picture would have 67 GB.
        let processor = try ImageProcessor(imageSize: 224)
        let picture = Self.picture(width: 1, height: 100_000)
        #expect(processor.pictureBytes(fromRGB: picture.span, width: 1, height: 100_000).count == 224 * 224 * 3)
    }

    @Test("tells capture which pictures it needs")
    func pictureFormat() throws {
        let processor = try ImageProcessor(
            configuration: Data(#"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 200}}"#.utf8))
        #expect(processor.pictureFormat == PictureFormat(shorterEdge: 256, width: 200, height: 224))
        #expect(try ImageProcessor(scaling: .stretched(width: 9, height: 9), width: 9, height: 9).pictureFormat == nil)
    }

    // MARK: Configuration

    @Test("takes every form of a configuration")
    func configurations() throws {
        func processor(_ json: String) throws(ImageProcessorError) -> ImageProcessor {
            try ImageProcessor(configuration: Data(json.utf8))
        }
        let half = PixelNormalization(
            rescaleFactor: 1 / 255, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
        let standard = try ImageProcessor(scaling: .shorterEdge(224), width: 224, height: 224, normalization: half)
        #expect(try processor("{}") == standard)
        #expect(try processor(#"{"size": 224, "crop_size": 224, "feature_extractor_type": "X"}"#) == standard)
        #expect(
            try processor(#"{"image_processor": {"size": {"shortest_edge": 224}}, "processor_class": "X"}"#) == standard
        )
        let whole = try processor(
            #"""
            {"do_resize": true, "size": {"shortest_edge": 96}, "resample": 3, "do_center_crop": true,
             "crop_size": {"height": 90, "width": 80}, "do_rescale": true, "rescale_factor": 0.5, "do_normalize": true,
             "image_mean": [0.1, 0.2, 0.3], "image_std": [1, 2, 3]}
            """#)
        let normalization = PixelNormalization(
            rescaleFactor: 0.5, mean: [0.1, 0.2, 0.3], standardDeviation: [1, 2, 3])
        #expect(
            try whole
                == ImageProcessor(
                    scaling: .shorterEdge(96), resampling: .bicubic, width: 80, height: 90,
                    normalization: normalization))
    }

    @Test(
        "refuses what it can't follow, and says why",
        arguments: [
            ("", ImageProcessorError.Code.malformed, "not JSON"), ("[]", .malformed, "object"),
            (#"{"size": "big"}"#, .malformed, "'size'"), (#"{"size": {"shortest_edge": 1.5}}"#, .malformed, "number"),
            (#"{"do_resize": 1}"#, .malformed, "'do_resize'"), (#"{"image_mean": 0.5}"#, .malformed, "'image_mean'"),
            (#"{"image_mean": ["a"]}"#, .malformed, "'image_mean"), (#"{"size": 1e99}"#, .malformed, "'size'"),
            (#"{"resample": 0}"#, .unsupported, "0 (nearest)"), (#"{"resample": 1}"#, .unsupported, "Lanczos"),
            (#"{"resample": 77}"#, .unsupported, "77 is not"), (#"{"do_resize": false}"#, .unsupported, "'do_resize'"),
            (#"{"do_center_crop": false}"#, .unsupported, "'do_center_crop'"),
            (#"{"size": {"shortest_edge": 224, "longest_edge": 300}}"#, .unsupported, "'size'"),
            (#"{"size": {"height": 224}}"#, .unsupported, "'size'"),
            (#"{"crop_size": {}}"#, .unsupported, "'crop_size'"),
            (#"{"size": 0}"#, .invalidValue, "size of 0"), (#"{"size": -224}"#, .invalidValue, "-224"),
            (#"{"size": 1000000}"#, .invalidValue, "1...4096"),
            (#"{"size": 96}"#, .invalidValue, "larger than the scaled"),
            (#"{"crop_size": 0}"#, .invalidValue, "size of 0"),
            (#"{"rescale_factor": 0}"#, .invalidValue, "'rescale_factor'"),
            (#"{"rescale_factor": 1e60}"#, .invalidValue, "'rescale_factor'"),
            (#"{"image_mean": [0.5]}"#, .invalidValue, "'image_mean'"),
            (#"{"image_std": [0.5, 0, 0.5]}"#, .invalidValue, "'image_std'"),
            (#"{"image_std": [0.5, 0.5]}"#, .invalidValue, "'image_std'"),
        ])
    func refused(json: String, code: ImageProcessorError.Code, message: String) {
        let error = #expect(throws: ImageProcessorError.self) {
            try ImageProcessor(configuration: Data(json.utf8))
        }
        #expect(error?.code == code, "\(error?.description ?? "")")
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
}
