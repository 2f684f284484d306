import Foundation
import GerundCheckpoint
import GerundTensor
import XCLIP

/// A folder of `Fixtures`: what `Tests/Oracle` made of the reference implementation.
struct Fixture {
    let folder: URL
    /// The expected values by name: `VIDEO.NAME`.
    let expected: SafeTensors

    init(_ name: String) throws {
        self.folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        self.expected = try SafeTensors(path: self.folder.appending(path: "expected.safetensors").path)
    }

    func configuration() throws -> Configuration {
        try Configuration(json: Data(contentsOf: self.folder.appending(path: "config.json")))
    }

    func weights() throws -> SafeTensors {
        try SafeTensors(path: self.folder.appending(path: "model.safetensors").path)
    }

    /// The token ids of each text, as the reference was given them, without padding.
    func texts() throws -> [[Int32]] {
        try JSONDecoder().decode([[Int32]].self, from: Data(contentsOf: self.folder.appending(path: "texts.json")))
    }

    /// The frames of a made-up video, RGB bytes: noise for an even index, squares of one colour for an odd one.
    ///
    /// The Swift half of `video` in `Tests/Oracle/generated.py`.
    static func video(_ index: Int, _ vision: Configuration.Vision) -> [[UInt8]] {
        let (size, edge) = (vision.imageSize, index % 2 == 0 ? 1 : 16)
        let blocks = (size + edge - 1) / edge
        let values = GeneratedValues(name: "video.\(index)")
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
