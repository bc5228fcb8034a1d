import CardData
import Foundation
import NIOCore
import Testing

@testable import CounterService

/// Forms in parts, as browsers send them without a script (RFC 7578).
@Suite struct MultipartTests {
    private func fields(_ body: [UInt8], _ type: String = "multipart/form-data; boundary=XX") throws -> [String: String]
    {
        try Fields.multipart(body, type).values
    }

    private func part(_ disposition: String, _ content: [UInt8]) -> [UInt8] {
        Array("--XX\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n".utf8) + content + Array("\r\n".utf8)
    }

    private let end = Array("--XX--\r\n".utf8)

    @Test func textsComeAsTheyAreAndAFilesBytesInBase64() throws {
        let picture: [UInt8] = [0xFF, 0xD8, 0x0D, 0x0A, 0x2D, 0x2D, 0x58, 0x00, 0xFF, 0xD9]
        let body =
            part("name=\"step\"", Array("photo 照片".utf8)) + part("name=\"photo\"; filename=\"a.jpg\"", picture) + end
        #expect(try fields(body) == ["step": "photo 照片", "photo": "/9gNCi0tWAD/2Q=="])
        #expect(try fields(body, "Multipart/Form-Data; charset=utf-8; boundary=\"XX\"")["step"] == "photo 照片")
        let none = part("name=\"photo\"; filename=\"\"", []) + end
        #expect(try fields(none) == ["photo": ""])
    }

    @Test func whatIsNoFormIsRefused() throws {
        let whole = part("name=\"a\"", [0x31]) + end
        for length in 0..<whole.count - 4 {
            #expect(throws: Faults("counter.form"), "cut after \(length)") { try fields(Array(whole.prefix(length))) }
        }
        let twice = part("name=\"a\"", [0x31]) + part("name=\"a\"", [0x32]) + end
        #expect(throws: Faults("counter.form")) { try fields(twice) }
        #expect(throws: Faults("counter.form")) { try fields(part("name=\"a\"", [0xFF]) + end) }
        #expect(throws: Faults("counter.form")) { try fields(part("filename=\"a\"", [0x31]) + end) }
        #expect(throws: Faults("counter.form")) { try fields(whole, "multipart/form-data") }
        let many = (0...200).flatMap { part("name=\"\($0)\"", [0x31]) } + end
        #expect(throws: Faults("counter.form")) { try fields(many) }
    }

    @Test func aBoundaryIsWhatTheHeaderNames() {
        let seventy = String(repeating: "y", count: 70)
        #expect(Fields.boundary("multipart/form-data; boundary=\(seventy)") == seventy)
        #expect(Fields.boundary("multipart/form-data;boundary=\"a b\" ; charset=utf-8") == "a b")
        for type in [
            "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
            "multipart/form-data; boundary=\(seventy)y", "multipart/form-data; boundary=a\u{85}b",
            "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=a b", "text/plain; boundary=a",
            "multipart/form-data;" + String(repeating: " boundary=\(seventy);", count: 960),
        ] {
            #expect(Fields.boundary(type) == nil, "\(type.prefix(80))")
        }
    }

    @Test func theEndOfATextInOtherPrograms() {
        for body in ["a=b%00c", "a%00=b"] {
            #expect(throws: Faults("counter.form")) { try Fields.form(ByteBuffer(string: body)) }
        }
        #expect(throws: Faults("counter.json")) { try Fields.json(ByteBuffer(string: #"{"a":"b\u0000c"}"#)) }
    }

    /// Two members that say the same field: which of them counts would be chance.
    @Test func aFieldIsNamedOnceByAProgramToo() throws {
        #expect(throws: Faults("counter.json")) {
            try Fields.json(ByteBuffer(string: #"{"second":{"number":"2001"},"second-number":"2002"}"#))
        }
        let fields = try Fields.json(ByteBuffer(string: #"{"proofs":["paper","paper","face"]}"#))
        #expect(fields.isOn("proof-paper") && fields.isOn("proof-face"))
    }

    @Test func noValueIsTakenForAnotherName() throws {
        let (one, other) = (Fields(values: ["a": "x\n1:b1:y"]), Fields(values: ["a": "x\n", "b": "y"]))
        #expect(one.lastingText != other.lastingText)
        #expect(try one.fingerprint != other.fingerprint)
    }
}
