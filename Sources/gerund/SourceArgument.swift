import GerundCore
import GerundMedia
import GerundStream

extension SourceAddress {
    /// Returns the sources that the user named, with unique names.
    ///
    /// - Throws: ``CommandError`` `usage` for the first invalid address or repeated name.
    static func parse(_ texts: [String]) throws -> [SourceAddress] {
        let addresses = try texts.map { text in
            do throws(CaptureError) {
                return try SourceAddress(text)
            } catch {
                throw CommandError(status: .usage, message: error.summary)
            }
        }
        var names: Set<String> = []
        for address in addresses where !names.insert(address.id.name).inserted {
            throw CommandError(
                status: .usage,
                message: "two sources are named '\(address.id)': name them, for example \(address)#name=second")
        }
        return addresses
    }
}
