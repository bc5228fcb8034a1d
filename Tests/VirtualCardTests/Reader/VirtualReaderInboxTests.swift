import Testing

@testable import VirtualCard

/// The framing of vsmartcard's doc/api.txt: two bytes of length, most significant first, then the body.
@Suite struct VirtualReaderInboxTests {
    private func messages(in segments: [[UInt8]]) -> [[UInt8]] {
        var inbox = VirtualReaderInbox()
        var found: [[UInt8]] = []
        for segment in segments {
            let count = inbox.receive { room in
                room.copyBytes(from: segment)
                return segment.count
            }
            #expect(count == segment.count)
            while let message = inbox.next() {
                let body: [UInt8] =
                    switch message {
                    case .powerOff: [0x00]
                    case .powerOn: [0x01]
                    case .reset: [0x02]
                    case .answerToReset: [0x04]
                    case .command(let place): Array(inbox.bytes[place])
                    case .unknown: [0xFF]
                    }
                found.append(body)
            }
        }
        return found
    }

    @Test func twoControlsInOneSegmentAreTwoMessages() {
        #expect(messages(in: [[0x00, 0x01, 0x02, 0x00, 0x01, 0x04]]) == [[0x02], [0x04]])
    }

    @Test func aStreamCutAnywhereGivesTheSameMessages() {
        let command: [UInt8] = [0x00, 0x84, 0x00, 0x00, 0x08]
        let stream: [UInt8] = [0x00, 0x01, 0x01, 0x00, 0x05] + command + [0x00, 0x01, 0x04, 0x00, 0x01, 0x00]
        let expected = [[0x01], command, [0x04], [0x00]]
        #expect(messages(in: [stream]) == expected)
        #expect(messages(in: stream.map { [$0] }) == expected)
        for first in 0...stream.count {
            for second in first...stream.count {
                let segments = [Array(stream[..<first]), Array(stream[first..<second]), Array(stream[second...])]
                #expect(messages(in: segments) == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func theLongestMessageFits() {
        let body = [UInt8](repeating: 0xA5, count: 65_535)
        #expect(messages(in: [[0x00, 0x01, 0x04, 0xFF], [0xFF], body]) == [[0x04], body])
    }

    @Test func bodiesThatTheProtocolDoesNotKnowArePassedOver() {
        #expect(messages(in: [[0x00, 0x00, 0x00, 0x01, 0x03, 0x00, 0x01, 0x04]]) == [[0xFF], [0xFF], [0x04]])
    }
}
