import Foundation
import GerundTensor
import XCLIP

/// A folder of `Fixtures`: what `Tests/Oracle` made of the reference implementation.
struct Fixture {
    let folder: URL
    /// The expected values by name: `VIDEO.NAME`.
    let expected: TensorFile

    init(_ name: String) throws {
        self.folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
        self.expected = try TensorFile(self.folder.appending(path: "expected.safetensors"))
    }

    func configuration() throws -> Configuration {
        try Configuration(json: Data(contentsOf: self.folder.appending(path: "config.json")))
    }

    func weights() throws -> TensorFile {
        try TensorFile(self.folder.appending(path: "model.safetensors"))
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

/// A safetensors file whose tensors are all float32.
struct TensorFile: WeightSource {
    private struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    private var shapes: [String: [Int]] = [:]
    private var elements: [String: [Float]] = [:]

    init(_ file: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: file))
        let start = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<start]))
        for (name, value) in header as? [String: Any] ?? [:] where name != "__metadata__" {
            let entry = try JSONDecoder().decode(Entry.self, from: JSONSerialization.data(withJSONObject: value))
            guard entry.dtype == "F32" else { continue }
            self.shapes[name] = entry.shape
            self.elements[name] = stride(from: start + entry.offsets[0], to: start + entry.offsets[1], by: 4).map { i in
                let low = UInt32(bytes[i]) | UInt32(bytes[i + 1]) << 8
                return Float(bitPattern: low | UInt32(bytes[i + 2]) << 16 | UInt32(bytes[i + 3]) << 24)
            }
        }
    }

    var names: [String] { self.elements.keys.sorted() }

    func shape(_ name: String) -> [Int]? { self.shapes[name] }

    func values(_ name: String) -> [Float]? { self.elements[name] }

    func contains(_ name: String) -> Bool { self.elements[name] != nil }

    func read(_ name: String, shape: [Int], into values: inout MutableSpan<Float>) throws(WeightError) {
        guard let found = self.elements[name], self.shapes[name] == shape else {
            throw WeightError(
                code: self.contains(name) ? .wrongShape : .missing, origin: "fixture", tensor: name,
                expected: "float tensor \(shape)", found: self.shapes[name].map { "float tensor \($0)" })
        }
        for index in found.indices { values[index] = found[index] }
    }
}
