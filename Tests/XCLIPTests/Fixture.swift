import Foundation
import GerundCheckpoint
import GerundCore
import GerundTensor
import Testing
import XCLIP

/// Parses a JSON text whose top level is an object.
func jsonObject(_ text: String) throws -> JSONObject {
    try #require(try JSONValue(parsing: Array(text.utf8)).object)
}

/// A directory of `Fixtures`: expected values that `Tests/Oracle` computed with the reference implementation.
struct Fixture {
    let directory: URL
    /// The expected values by name: `VIDEO.NAME`.
    let expected: SafeTensors

    init(_ name: String) throws {
        self.directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        self.expected = try SafeTensors(path: self.directory.appending(path: "expected.safetensors").path)
    }

    func configuration() throws -> XCLIPConfiguration {
        try XCLIPConfiguration(
            json: jsonObject(String(contentsOf: self.directory.appending(path: "config.json"), encoding: .utf8)))
    }

    func weights() throws -> SafeTensors {
        try SafeTensors(path: self.directory.appending(path: "model.safetensors").path)
    }

    /// The token ids of each text, as the reference was given them, without padding.
    func texts() throws -> [[Int32]] {
        try JSONDecoder().decode([[Int32]].self, from: Data(contentsOf: self.directory.appending(path: "texts.json")))
    }

    /// The frames of a made-up video, RGB bytes: noise for an even index, squares of one color for an odd one.
    ///
    /// The Swift half of `video` in `Tests/Oracle/synthetic.py`.
    static func video(_ index: Int, _ vision: XCLIPConfiguration.Vision) -> [[UInt8]] {
        let (size, edge) = (vision.imageSize, index % 2 == 0 ? 1 : 16)
        let blocks = (size + edge - 1) / edge
        let values = SyntheticValues(name: "video.\(index)")
        return (0..<vision.frameCount).map { frame in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size * size * 3)
            for y in 0..<size {
                for x in 0..<size {
                    let block = (frame * blocks + y / edge) * blocks + x / edge
                    for channel in 0..<3 { bytes.append(UInt8(values.bits(block * 3 + channel) >> 56)) }
                }
            }
            return bytes
        }
    }
}

extension SafeTensors {
    func shape(_ name: String) -> [Int]? { self.info(name)?.shape }

    /// The elements of a float tensor; `nil` when there is no such tensor.
    func values(_ name: String) -> [Float]? {
        guard let shape = self.shape(name) else { return nil }
        var values = [Float](repeating: 0, count: shape.reduce(1, *))
        var span = values.mutableSpan
        guard (try? self.read(name, shape: shape, into: &span)) != nil else { return nil }
        return values
    }
}
