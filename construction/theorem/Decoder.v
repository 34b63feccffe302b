(** Greedy decoding: a decoder picks, after each context, a token of the vocabulary that no other one beats. There is one. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Machine Vocabulary Ledger Unembedding.
Import ListNotations.
Open Scope Q_scope.

(** What a decoder generates after a context, newest token first: at most [n] tokens, until STOP. *)
Fixpoint generate (pick : list token -> token) (c : list token) (n : nat) : list token :=
  match n with
  | O => []
  | S n => match pick c with TStop => [TStop] | t => t :: generate pick (t :: c) n end
  end.

Section Capacity.
  Variables (nQ nS k : nat).
  (** However ties are broken. *)
  Definition greedy (logit : list token -> token -> Q) (pick : list token -> token) : Prop :=
    forall c, valid nQ nS k (pick c) /\ forall t, valid nQ nS k t -> logit c t <= logit c (pick c).

  (** ** All tokens of the vocabulary *)
  Definition all_situations : list (nat * list nat) := list_prod (states nQ) (words (symbols nS) k).
  Definition all_tokens : list token :=
    TBos :: TStop
    :: map TExample (map (fun p => Rule (fst (fst p)) (snd (fst p)) (snd p))
         (list_prod (list_prod (None :: map Some (states nQ)) (words (None :: map Some (symbols nS)) k)) (all_actions nQ nS k)))
    ++ map (fun p => TCell (fst p) (snd p)) (list_prod (tapes k) (symbols nS))
    ++ map (fun p => TShift (fst p) (snd p)) (list_prod (tapes k) [L; R])
    ++ map TRun (states nQ)
    ++ map (fun p => TStep (fst (fst p)) (snd (fst p)) (snd p)) (list_prod all_situations (all_actions nQ nS k)).

  Lemma words_sound {X} (alphabet : list X) n w : In w (words alphabet n) -> length w = n /\ Forall (fun x => In x alphabet) w.
  Proof.
    revert w. induction n as [|n IH]; cbn [words]; intros w I.
    - destruct I as [<-|[]]. split; [reflexivity|constructor].
    - apply in_flat_map in I as (a & Ia & I). apply in_map_iff in I as (v & <- & I). apply IH in I as (Lv & Fv).
      split; [cbn; congruence|now constructor].
  Qed.
  Lemma in_symbols s : Forall (fun b => b < nS)%nat s <-> Forall (fun b => In b (symbols nS)) s.
  Proof. rewrite !Forall_forall. split; intros H b I; specialize (H b I); [apply in_seq|apply in_seq in H]; lia. Qed.
  Lemma action_listed a : valid_action nQ nS k a <-> In a (all_actions nQ nS k).
  Proof.
    unfold valid_action, all_actions. rewrite in_symbols. split.
    - intros (Hn & Lw & Fw & Lm). apply in_flat_map. exists (next a). split; [apply in_seq; lia|].
      apply in_flat_map. exists (writes a). split; [now apply in_words|]. apply in_map_iff. exists (moves a).
      split; [now destruct a|]. apply in_words; auto. apply Forall_forall. intros [] _; cbn; auto.
    - intros I. apply in_flat_map in I as (n & In_ & I). apply in_flat_map in I as (w & Iw & I). apply in_map_iff in I as (m & <- & Im).
      apply in_seq in In_. apply words_sound in Iw as (Lw & Fw). apply words_sound in Im as (Lm & _). cbn. repeat split; auto; lia.
  Qed.
  Lemma situation_listed q s : valid_situation nQ nS k q s <-> In (q, s) all_situations.
  Proof.
    unfold valid_situation, all_situations. rewrite in_symbols, in_prod_iff. split.
    - intros (Hq & Ls & Fs). split; [apply in_seq; lia|now apply in_words].
    - intros (Iq & Is). apply in_seq in Iq. apply words_sound in Is as (Ls & Fs). split; [lia|auto].
  Qed.
  Lemma token_listed t : valid nQ nS k t -> In t all_tokens.
  Proof.
    intros V. unfold all_tokens. cbn [In]. rewrite !in_app_iff, !in_map_iff. destruct t as [ |e|i a|i m|q|q s a| ]; cbn [valid] in V; auto.
    - right; right; left. exists e. split; auto. destruct V as (Vq & Vl & Vs & Va). destruct e as [o os a]; cbn [on_state on_symbols does] in *.
      apply in_map_iff. exists (o, os, a). split; auto. apply in_prod; [apply in_prod|now apply action_listed].
      + destruct o; [right; apply in_map, in_seq; lia|now left].
      + apply in_words; auto. rewrite Forall_forall in Vs |- *. intros [b|] I; [right; apply in_map, in_seq; specialize (Vs _ I); cbn in Vs; lia|now left].
    - right; right; right; left. exists (i, a). split; auto. apply in_prod; apply in_seq; lia.
    - right; right; right; right; left. exists (i, m). split; auto. destruct V as [Vi Vm]. apply in_prod; [apply in_seq; lia|]. destruct m; cbn; auto; congruence.
    - right; right; right; right; right; left. exists q. split; auto. apply in_seq; lia.
    - right; right; right; right; right; right. exists (q, s, a). split; auto. destruct V as [V Va]. apply in_prod; [now apply situation_listed|now apply action_listed].
  Qed.
  Lemma listed_valid t : In t all_tokens -> valid nQ nS k t.
  Proof.
    unfold all_tokens. cbn [In]. rewrite !in_app_iff, !in_map_iff. intros [<-|[<-|[(e & <- & I)|[((i, a) & <- & I)|[((i, m) & <- & I)|[(q & <- & I)|(((q, s), a) & <- & I)]]]]]]; cbn [valid fst snd]; auto.
    - apply in_map_iff in I as (((o, os), a) & <- & I). apply in_prod_iff in I as (I & Ia). apply in_prod_iff in I as (Io & Is).
      apply words_sound in Is as (Ls & Fs). apply action_listed in Ia. split; [|split; [exact Ls|split; [|exact Ia]]]; cbn.
      + destruct Io as [<-|Io]; [exact I|]. apply in_map_iff in Io as (q & <- & Iq). apply in_seq in Iq. lia.
      + rewrite Forall_forall in Fs |- *. intros b Ib. specialize (Fs b Ib). destruct Fs as [<-|Jo]; [exact I|].
        apply in_map_iff in Jo as (q & <- & Iq). apply in_seq in Iq. lia.
    - apply in_prod_iff in I as (Ii & Ia). apply in_seq in Ii, Ia. lia.
    - apply in_prod_iff in I as (Ii & Im). apply in_seq in Ii. split; [lia|]. destruct Im as [<-|[<-|[]]]; discriminate.
    - apply in_seq in I. lia.
    - apply in_prod_iff in I as (Is & Ia). split; [now apply situation_listed|now apply action_listed].
  Qed.
  Lemma vocabulary_listed : exists every, NoDup every /\ forall t, In t every <-> valid nQ nS k t.
  Proof.
    exists (nodup token_dec all_tokens). split; [apply NoDup_nodup|]. intros t. rewrite nodup_In.
    split; [apply listed_valid|apply token_listed].
  Qed.

  Fixpoint best (logit : token -> Q) (t : token) (ts : list token) : token :=
    match ts with [] => t | t' :: ts => let b := best logit t' ts in if Qlt_le_dec (logit b) (logit t) then t else b end.
  Lemma best_in logit ts : forall t, In (best logit t ts) (t :: ts).
  Proof. induction ts as [|t' ts IH]; intros t; cbn [best]; [now left|]. cbv zeta. destruct (Qlt_le_dec _ _); [now left|right; apply IH]. Qed.
  Lemma best_best logit ts : forall t t', In t' (t :: ts) -> logit t' <= logit (best logit t ts).
  Proof.
    induction ts as [|t1 ts IH]; intros t t' I.
    - destruct I as [<-|[]]. cbn. lra.
    - cbn [best]. cbv zeta. destruct I as [<-|I]; [|specialize (IH t1 t' I)];
        destruct (Qlt_le_dec (logit (best logit t1 ts)) (logit t)); lra.
  Qed.

  Theorem greedy_exists logit : exists pick, greedy logit pick.
  Proof.
    exists (fun c => best (logit c) TBos (tl all_tokens)). intros c. split.
    - apply listed_valid. exact (best_in (logit c) (tl all_tokens) TBos).
    - intros t V. apply (best_best (logit c) (tl all_tokens) TBos t). exact (token_listed t V).
  Qed.
End Capacity.
