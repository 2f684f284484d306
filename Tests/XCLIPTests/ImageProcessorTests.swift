import Foundation
import GerundCore
import Testing

@testable import XCLIP

@Suite("ImageProcessor")
struct ImageProcessorTests {
    /// One image of Tests/Oracle/image_processor.py.
    struct Example: Decodable, CustomTestStringConvertible, Sendable {
        var width: Int
        var height: Int
        /// A `preprocessor_config.json`.
        var settings: String
        /// The shape of the result, `[H, W, 3]`.
        var shape: [Int]
        /// FNV-1a of the first 8 rows of the input, and of all bytes of the result.
        var input: String
        var hash: String
        /// Every 499th byte of the result, and every 499th normalized value.
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

    /// The image of the Python script: gradients that wrap, with noise.
    static func image(width: Int, height: Int) -> [UInt8] {
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
        let digits = String(FNV1a.hash(bytes), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test("Finds the examples of the reference")
    func examples() {
        #expect(Self.expected.cases.count > 25)
    }

    @Test("Computes the bytes of the reference, bit for bit, and its values", arguments: Self.expected.cases)
    func reference(example: Example) throws {
        let image = Self.image(width: example.width, height: example.height)
        #expect(Self.fnv1a(image.prefix(8 * example.width * 3)) == example.input, "the input differs from the script's")
        let processor = try ImageProcessor(json: jsonObject(example.settings))
        #expect([processor.height, processor.width, 3] == example.shape)

        let result = processor.resizedAndCropped(rgb: image.span, width: example.width, height: example.height)
        let stride = Self.expected.stride
        for (i, byte) in example.bytes.enumerated() where result[i * stride] != byte {
            Issue.record("byte \(i * stride): \(result[i * stride]) is not \(byte)")
            break
        }
        #expect(Self.fnv1a(result) == example.hash)

        let values = processor.pixelValues(fromCropped: result.span)
        var largest: Float = 0
        for (i, value) in example.values.enumerated() { largest = max(largest, abs(values[i * stride] - value)) }
        // float32 in another order of rounding, values up to 255; the 8-bit part is exact
        #expect(largest <= 2e-5 * max(1, example.values.map(abs).max() ?? 0), "\(largest)")
    }

    @Test("Resizes, crops and normalizes in one call")
    func oneCall() throws {
        let processor = try ImageProcessor(imageSize: 32)
        let image = Self.image(width: 50, height: 40)
        let bytes = processor.resizedAndCropped(rgb: image.span, width: 50, height: 40)
        let values = processor.pixelValues(fromRGB: image.span, width: 50, height: 40)
        #expect(values == processor.pixelValues(fromCropped: bytes.span))
        // [3, H, W] from [H, W, 3]
        let green = Float(bytes[(5 * 32 + 7) * 3 + 1])
        #expect(abs(values[32 * 32 + 5 * 32 + 7] - (green / 255 - 0.456) / 0.224) < 1e-6)
    }

    @Test("Tabulates the normalized value of every byte")
    func lookupTable() {
        let table = PixelNormalization.imageNet.lookupTable()
        #expect(table.count == 3 * 256)
        #expect(abs(table[0] - -0.485 / 0.229) < 1e-6)
        #expect(abs(table[256 + 51] - (0.2 - 0.456) / 0.224) < 1e-6)
        #expect(abs(table[2 * 256 + 255] - (1 - 0.406) / 0.225) < 1e-6)
    }

    @Test("Allocates memory for the crop only, however long the image", .timeLimit(.minutes(10)))
    func extremeAspect() throws {
        // The resized image would need 67 GB.
        let processor = try ImageProcessor(imageSize: 224)
        let image = Self.image(width: 1, height: 100_000)
        #expect(processor.resizedAndCropped(rgb: image.span, width: 1, height: 100_000).count == 224 * 224 * 3)
    }

    @Test("Describes the frames that capture must deliver")
    func frameFormat() throws {
        let processor = try ImageProcessor(
            json: jsonObject(#"{"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 200}}"#))
        #expect(processor.frameFormat == FrameFormat(shortestEdge: 256, cropSize: PixelSize(width: 200, height: 224)))
        #expect(try ImageProcessor(scaling: .exact(width: 9, height: 9), width: 9, height: 9).frameFormat == nil)
    }

    // MARK: Configuration

    @Test("Reads the published mean and standard deviation as the same floats as its own default")
    func publishedNormalization() throws {
        let json = #"{"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}"#
        #expect(try ImageProcessor(json: jsonObject(json)).normalization == .imageNet)
        #expect(try ImageProcessor(json: jsonObject(json)) == ImageProcessor(imageSize: 224))
    }

    @Test("Accepts every form of a configuration")
    func configurations() throws {
        func processor(_ json: String) throws -> ImageProcessor {
            try ImageProcessor(json: jsonObject(json))
        }
        let half = PixelNormalization(
            rescaleFactor: 1 / 255, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
        let standard = try ImageProcessor(scaling: .shortestEdge(224), width: 224, height: 224, normalization: half)
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
                    scaling: .shortestEdge(96), resampling: .bicubic, width: 80, height: 90,
                    normalization: normalization))
    }

    @Test(
        "Refuses unsupported and invalid settings with their key",
        arguments: [
            (#"{"size": "big"}"#, ImageProcessorError.Code.invalidValue, "'size' must be an integer or an object"),
            (#"{"size": {"shortest_edge": 1.5}}"#, .invalidValue, "'size.shortest_edge' must be an integer, found 1.5"),
            (#"{"do_resize": 1}"#, .invalidValue, "'do_resize' must be true or false, found 1"),
            (#"{"image_mean": 0.5}"#, .invalidValue, "'image_mean' must be an array of numbers"),
            (#"{"image_mean": ["a"]}"#, .invalidValue, "'image_mean[0]' must be a number"),
            (#"{"image_mean": [1e60, 0, 0]}"#, .invalidValue, "'image_mean'"),
            (#"{"size": 1e99}"#, .invalidValue, "'size' must be an integer"),
            (#"{"image_processor": 5}"#, .invalidValue, "'image_processor' must be an object"),
            (
                #"{"image_processor": {"resample": "2"}}"#, .invalidValue,
                "'image_processor.resample' must be an integer"
            ),
            (#"{"resample": 0}"#, .unsupported, "0 (nearest)"),
            (#"{"resample": 1}"#, .unsupported, "found 1 (Lanczos)"),
            (#"{"resample": 77}"#, .unsupported, "must be 2 (bilinear) or 3 (bicubic), found 77"),
            (#"{"do_resize": false}"#, .unsupported, "'do_resize'"),
            (#"{"do_center_crop": false}"#, .unsupported, "'do_center_crop'"),
            (#"{"size": {"shortest_edge": 224, "longest_edge": 300}}"#, .unsupported, "'size'"),
            (#"{"size": {"height": 224}}"#, .unsupported, "'size'"),
            (#"{"crop_size": {}}"#, .unsupported, "'crop_size'"),
            (#"{"size": 0}"#, .invalidValue, "size of 0"), (#"{"size": -224}"#, .invalidValue, "-224"),
            (#"{"size": 1000000}"#, .invalidValue, "1...4096"),
            (#"{"size": 96}"#, .invalidValue, "larger than the resized image, 96x96"),
            (#"{"crop_size": 0}"#, .invalidValue, "size of 0"),
            (#"{"rescale_factor": 0}"#, .invalidValue, "'rescale_factor'"),
            (#"{"rescale_factor": 1e60}"#, .invalidValue, "'rescale_factor'"),
            (#"{"image_mean": [0.5]}"#, .invalidValue, "'image_mean'"),
            (#"{"image_std": [0.5, 0, 0.5]}"#, .invalidValue, "'image_std'"),
            (#"{"image_std": [0.5, 0.5]}"#, .invalidValue, "'image_std'"),
        ])
    func refused(json: String, code: ImageProcessorError.Code, message: String) {
        let error = #expect(throws: ImageProcessorError.self) {
            try ImageProcessor(json: jsonObject(json))
        }
        #expect(error?.code == code, "\(error?.description ?? "")")
        #expect(error?.summary.contains(message) == true, "\(error?.description ?? "")")
    }
}
