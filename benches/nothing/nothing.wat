;; A minimal policy, which costs the least that a policy can: it fetches the request, as every guest must, and accepts it
;; without parsing it. `make bench` compares the other policies with it.
(module
  (import "wapc" "__guest_request" (func $fetch (param $operation i32) (param $payload i32)))
  (import "wapc" "__guest_response" (func $answer (param $at i32) (param $length i32)))
  (memory (export "memory") 1)
  ;; The responses, one after the other, to `validate`, `validate_settings` and `protocol_version`.
  (data (i32.const 0) "{\"accepted\":true}{\"valid\":true}\"v1\"")
  ;; The operation's name goes to 64, the payload to 128.
  (func (export "__guest_call") (param $operation i32) (param $payload i32) (result i32)
    (local $missing i32)
    ;; The memory grows if the payload does not fit into it.
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (local.get $payload) (i32.const 0x1007f)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (return (i32.const 0))))))
    (call $fetch (i32.const 64) (i32.const 128))
    ;; The operations are distinguished by the length of their names.
    (if (i32.eq (local.get $operation) (i32.const 8))
      (then (call $answer (i32.const 0) (i32.const 17)) (return (i32.const 1))))
    (if (i32.eq (local.get $operation) (i32.const 17))
      (then (call $answer (i32.const 17) (i32.const 14)) (return (i32.const 1))))
    (if (i32.eq (local.get $operation) (i32.const 16))
      (then (call $answer (i32.const 31) (i32.const 4)) (return (i32.const 1))))
    (i32.const 0)))
