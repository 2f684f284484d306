import GerundCore
import Testing

@testable import GerundMedia

@Suite("V4L2Devices")
struct V4L2DevicesTests {
    private static let devices = V4L2Devices.list()

    @Test(
        "Lists each device with its path, name and modes or an error",
        .enabled(if: !devices.isEmpty, "this machine has no V4L2 device"))
    func list() {
        for device in Self.devices {
            #expect(device.path.hasPrefix("/dev/video"))
            #expect(!device.name.isEmpty)
            #expect(device.error != nil || !device.modes.isEmpty)
            #expect(device.modes.allSatisfy { $0.size.width > 0 && $0.size.height > 0 && !$0.format.isEmpty })
        }
    }

    @Test("Reports the error of a device that can't be queried")
    func errors() {
        #expect(V4L2Devices.device(path: "/dev/null", name: "null")?.error == "not a V4L2 device")
        let missing = V4L2Devices.device(path: "/dev/no-such", name: "x")
        #expect(missing?.error == "device node missing or device unplugged")
        #expect(missing?.path == "/dev/no-such" && missing?.name == "x" && missing?.modes == [])
    }

    @Test("Decodes four-character codes")
    func fourCharacters() {
        #expect(V4L2Devices.fourCharacters(0x5659_5559) == "YUYV")
        #expect(V4L2Devices.fourCharacters(0x2038_5342) == "BS8")
        #expect(V4L2Devices.fourCharacters(0xD659_5559) == "YUYV")
        #expect(V4L2Devices.fourCharacters(0) == "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    }
}
