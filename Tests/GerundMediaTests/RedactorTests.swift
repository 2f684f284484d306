import Testing

@testable import GerundMedia

@Suite("Redactor")
struct RedactorTests {
    private let redactor = Redactor(secretsOf: "rtsp://admin:p%40ss%2Fw0rd@cam:554/1?token=T0ken%3D1&channel=2")

    @Test(
        "Removes known secrets in any form",
        arguments: [
            "rtsp://admin:p%40ss%2Fw0rd@cam:554/1", "Authorization: admin:p@ss/w0rd",
            "did you mean rtsp://ss/w0rd@cam?", "Failed to resolve hostname ss: no", "Port missing in uri: /w0rd",
            "Basic YWRtaW46cEBzcy93MHJk", "the password is p@ss/w0rd.", "T0ken%3D1", "T0ken=1", "uri p%40ss%2Fw0rd",
        ])
    func knownSecrets(text: String) {
        let redacted = self.redactor.redact(text)
        for secret in ["p@ss", "p%40ss", "w0rd", "T0ken", "YWRtaW46cEBzcy93MHJk"] {
            #expect(!redacted.contains(secret), "\(redacted)")
        }
    }

    @Test(
        "Removes unknown secrets by pattern",
        arguments: [
            ("open rtsp://u:x@h/1 failed", "open rtsp://***@h/1 failed"),
            ("'http://u:a@b:c@h/1?q=1'", "'http://***@h/1?q=1'"),
            ("http://h/1?user=me&pwd=x&n=3", "http://h/1?user=***&pwd=***&n=3"),
            ("http://h/1?PASSWORD=x", "http://h/1?PASSWORD=***"),
            ("rtsp://u:a/b@h/1", "rtsp://***@h/1"),
            ("header access_token=abc; x", "header access_token=***; x"),
            ("tcp://h:554?timeout=5", "tcp://h:554?timeout=5"),
            ("no secrets here: a@b, c=d", "no secrets here: a@b, c=d"),
            ("rtsp://h/1 and rtsp://u:x@h/2", "rtsp://h/1 and rtsp://***@h/2"),
            ("token=", "token="), ("://", "://"), ("", ""),
        ])
    func byPattern(text: String, expected: String) {
        #expect(Redactor().redact(text) == expected)
    }

    @Test("Keeps text that only resembles a short password")
    func shortPasswords() {
        let redactor = Redactor(secretsOf: "rtsp://u:a@cam/1")
        #expect(redactor.redact("a camera at rtsp://u:a@cam/1") == "a camera at rtsp://***@cam/1")
    }

    @Test("Unites the secrets of two redactors")
    func union() {
        let both = Redactor(secretsOf: "rtsp://u:first1@a/").union(Redactor(secretsOf: "rtsp://u:second2@b/"))
        #expect(both.redact("first1 second2") == "*** ***")
    }
}
