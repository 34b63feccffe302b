(** What the statements say of one machine: their hypotheses can be met, and this comes out.

    [N] is any network of 2 states, 2 symbols and 1 tape, in joint code, of which the statement holds. *)
From Coq Require Import List QArith ZArith.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Rules NextToken Decoder Law Statements.
From Tapehead Require Tensors.
Import ListNotations.
Open Scope Q_scope.

(** In state 0 on a blank it writes 1 and goes right into state 1, which writes 1 and goes left into state 0. *)
Definition there : action := {| next := 1; writes := [1%nat]; moves := [R] |}.
Definition back : action := {| next := 0; writes := [1%nat]; moves := [L] |}.
Definition two_steps : list rule := [Rule (Some 0%nat) [Some 0%nat] there; Rule (Some 1%nat) [Some 0%nat] back].
(** On cell 0 the symbol 1, the head on cell 1. *)
Notation input := [[1%nat]].
Notation start := [1%Z].

Lemma two_steps_valid r : In r two_steps -> valid_rule 2 2 1 r.
Proof. intros [<-|[<-|[]]]; repeat constructor. Qed.
Lemma two_steps_deterministic : deterministic two_steps.
Proof.
  intros q s r r' [<-|[<-|[]]] [<-|[<-|[]]] A A'; try reflexivity; exfalso; unfold applies in *; cbn in A, A'; destruct q as [|[|q]]; discriminate.
Qed.
Lemma start_is_valid : valid_start 2 2 1 input start 0.
Proof. repeat constructor. Qed.

(** Statement 1: every greedy decoder writes the two steps and STOP, and there is one. *)
Theorem it_runs N bound : runs_every_machine 2 2 1 Joint N bound -> (11 <= bound)%Z ->
  let greedily := greedy 2 2 1 (tensor_logit 2 2 1 Joint N) in
  (exists pick, greedily pick) /\ forall pick, greedily pick ->
    generate pick (rev [TBos; TExample (Rule (Some 0%nat) [Some 0%nat] there); TExample (Rule (Some 1%nat) [Some 0%nat] back);
                        TCell 0 1; TShift 0 R; TRun 0]) 5
    = [TStep 0 [0%nat] there; TStep 1 [0%nat] back; TStop].
Proof.
  intros H B. destruct (H two_steps input start 0%nat 5%nat) as (_ & G & E).
  - exact two_steps_valid.
  - exact two_steps_deterministic.
  - exact start_is_valid.
  - exact B.
  - split; [exact G|]. intros pick P. exact (E pick P).
Qed.

(** Statement 4: of three examples for one situation two go right. After one such step, on a blank again, the token that goes
    right has the logit 2/3. *)
Definition right : action := {| next := 0; writes := [1%nat]; moves := [R] |}.
Definition stay : action := {| next := 0; writes := [0%nat]; moves := [S_] |}.
Definition a_walk : list rule := [Rule (Some 0%nat) [Some 0%nat] right; Rule None [Some 0%nat] stay; Rule (Some 0%nat) [None] right].
Notation step_right := (TStep 0 [0%nat] right).

Theorem it_draws N bound : samples_from_its_examples 2 2 1 Joint N bound -> (8 <= bound)%Z ->
  relu (tensor_logit 2 2 1 Joint N (rev (prompt a_walk input start 0 ++ [step_right])) step_right) == 2 # 3.
Proof.
  intros H B. assert (V : valid 2 2 1 step_right) by repeat constructor.
  destruct (H eq_refl a_walk input start 0%nat [step_right]) as (D & _).
  - intros r [<-|[<-|[<-|[]]]]; repeat constructor.
  - exact start_is_valid.
  - now constructor.
  - exact B.
  - destruct D as (P & _).
    + intros [E|[]]. discriminate.
    + reflexivity.
    + rewrite (P _ V). reflexivity.
Qed.
