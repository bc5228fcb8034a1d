import CTLS
import IssuerKeys

/// One conversation with the gateway: a greeting in which both sides prove who they are, one question, one answer.
///
/// All of it keeps to one time limit. There is no second question, and nothing here begins again by itself.
struct GatewayConversation: ~Copyable {
    private let socket: GatewaySocket
    private let session: OpaquePointer
    private let limit: Int
    private var wasAsked = false

    /// Connects, greets, and checks the gateway's certificate: issuer, dates, name.
    static func open(
        _ gateway: GatewaySettings, as credentials: GatewayCredentials
    ) throws(HSMGatewayFault) -> GatewayConversation {
        let limit = gateway.timeLimitMilliseconds
        let socket: GatewaySocket
        do throws(GatewaySocket.Failure) {
            socket = try GatewaySocket(to: gateway.host, port: gateway.port, until: .now + .milliseconds(limit))
        } catch {
            switch error {
            case .timeIsOver: throw .timeLimit(milliseconds: limit, wasAsked: false)
            case .system(let reason): throw .unreachable(reason)
            }
        }
        guard let session = card_tls_conversation(credentials.settings, gateway.name) else {
            throw .unreachable("OpenSSL")
        }
        let conversation = GatewayConversation(socket, session, limit: limit)
        try conversation.advance { card_tls_handshake(session) }
        return conversation
    }

    private init(_ socket: consuming GatewaySocket, _ session: OpaquePointer, limit: Int) {
        self.socket = socket
        self.session = session
        self.limit = limit
    }

    /// When the gateway's certificate ends: `YYYYMMDDHHMMSS`, UTC.
    var serverCertificateEnds: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 15) { text in
            guard let start = text.baseAddress, card_tls_server_ends(session, start) == 1 else { return nil }
            return String(cString: start)
        }
    }

    /// Asks, and gives so many bytes at the beginning of the answer.
    mutating func ask(_ question: UnsafeRawBufferPointer, answer count: Int) throws(HSMGatewayFault) -> [UInt8] {
        wasAsked = true
        let session = session
        guard let start = question.bindMemory(to: UInt8.self).baseAddress else { throw .malformed("empty question") }
        do throws(HSMGatewayFault) {
            try advance { card_tls_write(session, start, question.count) }
        } catch {
            throw lastWords ?? error
        }
        return try read(count)
    }

    /// That the gateway does not take the own certificate, where it said so before it hung up: with TLS 1.3 it looks at the certificate
    /// while the question, or the good-bye, is on its way.
    private var lastWords: HSMGatewayFault? {
        var byte: UInt8 = 0
        var count = 0
        while (try? hear()) == true {
            switch Int(card_tls_read(session, &byte, 1, &count)) {
            case Int(CARD_TLS_WANTS_MORE): continue
            case Int(CARD_TLS_FAILED) where card_tls_refuses_us() == 1:
                return .refusesUs(String(cString: card_tls_reason()))
            default: return nil
            }
        }
        return nil
    }

    /// The next bytes of the answer.
    func read(_ count: Int) throws(HSMGatewayFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            var step = 0
            let session = session
            try advance {
                bytes.withUnsafeMutableBufferPointer { room in
                    guard let start = room.baseAddress else { return Int32(CARD_TLS_FAILED) }
                    return card_tls_read(session, start + done, count - done, &step)
                }
            }
            done += step
        }
        return bytes
    }

    /// Ends the conversation in order.
    consuming func end() {
        card_tls_close(session)
        // the answer is here: whether the other side still hears the good-bye does not matter
        try? flush()
    }

    /// Ends a conversation in which nothing was asked, and hears the other side out, until it ends too or the time is over.
    ///
    /// - Throws: `refusesUs` alone.
    consuming func endUnasked() throws(HSMGatewayFault) {
        card_tls_close(session)
        try? flush()
        if let lastWords { throw lastWords }
    }

    // MARK: - Between TLS and the wire

    /// Repeats a step of TLS until it is done, and carries what it has to say and to hear.
    private func advance(_ step: () -> Int32) throws(HSMGatewayFault) {
        while true {
            let result = step()
            let failure = result == CARD_TLS_FAILED ? judgement : nil
            do throws(GatewaySocket.Failure) {
                try flush()
                switch Int(result) {
                case Int(CARD_TLS_DONE): return
                case Int(CARD_TLS_WANTS_MORE): if try hear() { continue }
                default: break
                }
            } catch {
                // an alert that cannot be sent any more says no less
                if let failure { throw failure }
                throw fault(of: error)
            }
            throw failure ?? ended("the connection ended")
        }
    }

    /// What a failed step means.
    private var judgement: HSMGatewayFault {
        if card_tls_refuses_us() == 1 { return .refusesUs(String(cString: card_tls_reason())) }
        if let reason = card_tls_distrust(session) { return .notTrusted(String(cString: reason)) }
        return ended(String(cString: card_tls_reason()))
    }

    private func ended(_ reason: String) -> HSMGatewayFault {
        wasAsked ? .brokenOff(reason) : .unreachable(reason)
    }

    private func fault(of failure: GatewaySocket.Failure) -> HSMGatewayFault {
        switch failure {
        case .timeIsOver: .timeLimit(milliseconds: limit, wasAsked: wasAsked)
        case .system(let reason): ended(reason)
        }
    }

    private func flush() throws(GatewaySocket.Failure) {
        try withPiece { piece throws(GatewaySocket.Failure) in
            guard let start = piece.bindMemory(to: UInt8.self).baseAddress else { return }
            while true {
                let count = Int(card_tls_take(session, start, Int32(piece.count)))
                guard count > 0 else { return }
                try socket.send(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            }
        }
    }

    /// False when there is nothing more to hear.
    private func hear() throws(GatewaySocket.Failure) -> Bool {
        try withPiece { piece throws(GatewaySocket.Failure) in
            let count = try socket.receive(piece)
            guard count > 0, let start = piece.bindMemory(to: UInt8.self).baseAddress else { return false }
            return card_tls_put(session, start, Int32(count)) == 1
        }
    }

    private func withPiece<Value>(
        _ body: (UnsafeMutableRawBufferPointer) throws(GatewaySocket.Failure) -> Value
    ) throws(GatewaySocket.Failure) -> Value {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { piece.deallocate() }
        return try body(piece)
    }

    deinit { SSL_free(session) }
}
