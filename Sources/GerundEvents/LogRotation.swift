/// The rotation of an event log: the size at which it is rotated, and the number of old files.
///
/// `FILE.1` is the most recent of them.
public struct LogRotation: Sendable, Hashable {
    /// The size that a file doesn't exceed, in bytes, except by a single line that is longer.
    public var maximumSize: Int
    /// The number of old files that are kept; at least 1.
    public var maximumFileCount: Int

    /// The default number of old files: 5.
    public static let defaultFileCount = 5

    /// Creates a rotation.
    ///
    /// - Parameters:
    ///   - maximumSize: The size that a file doesn't exceed, in bytes.
    ///   - maximumFileCount: The number of old files that are kept; at least 1 are.
    public init(maximumSize: Int, maximumFileCount: Int = Self.defaultFileCount) {
        self.maximumSize = maximumSize
        self.maximumFileCount = max(1, maximumFileCount)
    }

    /// The sizes, in bytes, that a user may set; smaller files would be gone before anyone reads them.
    public static let allowedSizes = 4096...(1 << 50)
    /// The numbers of old files that a user may set.
    public static let allowedFileCounts = 1...1000

    /// Parses a size as users write it: `10M`, `512k`, `1G`, in powers of 1024, or a plain number of bytes.
    ///
    /// - Parameter text: The size.
    /// - Returns: The size in bytes; `nil` if the text isn't a size or it is outside of ``allowedSizes``.
    public static func parseSize(_ text: String) -> Int? {
        let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = text.last.flatMap { units[Character($0.lowercased())] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let number = Int(digits) else {
            return nil
        }
        let (bytes, hasOverflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        return !hasOverflow && self.allowedSizes.contains(bytes) ? bytes : nil
    }

    /// Returns the renames that make room for a new file, in their order.
    ///
    /// A crash after any of them loses nothing.
    ///
    /// Only files without a gap between their numbers move up, so a rotation that was interrupted is resumed where it
    /// stopped, and the oldest file is replaced only if there are more than ``maximumFileCount``.
    ///
    /// - Parameter fileExists: Returns whether there is an old file with a number.
    /// - Returns: The renames.
    func renames(fileExists: (Int) -> Bool) -> [Rename] {
        let free = (1...self.maximumFileCount).first { !fileExists($0) } ?? self.maximumFileCount
        return (1...free).reversed().map { Rename(from: $0 - 1, to: $0) }
    }

    /// A rename of the file with one number to another; 0 is the log itself.
    struct Rename: Hashable {
        var from: Int
        var to: Int
    }
}
