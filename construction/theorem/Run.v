(** From the next token to the run, for any function that has the network's logits: the network over named directions, and its
    tensors (Statements.v). *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Rules Decide Unembedding NextToken Prompt
  Decoder.
Import ListNotations.
Open Scope Q_scope.

Section Run.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q} {rules : list exact_rule}.
  Hypotheses (blank_is_a_symbol : (0 < nS)%nat) (beta_positive : 0 < beta) (g_large : 1 <= g).
  Hypothesis rules_valid : forall r, In r rules -> valid_rule nQ nS k (as_rule r).
  Notation wf := (wf nQ nS k).
  Notation valid := (valid nQ nS k).
  Notation greedy := (greedy nQ nS k).

  Variable logit : list token -> token -> Q.
  Hypothesis logit_is : forall c t, wf c -> valid t -> logit c t == @logit_of nQ nS k cd beta M L K g rules c t.

  Lemma pick_right pick c q pi : greedy logit pick -> wf c -> @fits L K c -> new_state (newest c) = Some q -> (q < nQ)%nat ->
    @told nQ nS k rules c pi -> pick c = right_token pi q (under_heads k (config_of c)).
  Proof.
    intros G W F Qn Qb T. destruct (next_token (cd := cd) (M := M) blank_is_a_symbol beta_positive g_large rules_valid c q pi W F Qn Qb T) as [R1 R2].
    pose proof (right_valid blank_is_a_symbol rules_valid c q pi W T Qb) as V.
    set (right := right_token pi q (under_heads k (config_of c))) in *. destruct (token_dec (pick c) right) as [E|E]; [exact E|]. exfalso.
    destruct (G c) as [Vp B]. specialize (R2 _ Vp E). specialize (B right V). rewrite !logit_is in B by auto. rewrite R1 in B. lra.
  Qed.

  Theorem generates_run pick pi : greedy logit pick -> forall n c, wf c -> @told nQ nS k rules c pi ->
    inject_Z (Z.of_nat (length c + n)) <= L -> 2 * inject_Z (Z.of_nat (length c + n)) <= K ->
    new_state (newest c) = Some (state (config_of c)) -> (state (config_of c) < nQ)%nat ->
    generate pick c n = run k pi (config_of c) n.
  Proof.
    intros G n. induction n as [|n IH]; intros c W T HL HK Qn Qb; [reflexivity|]. cbn [generate run].
    assert (Fit : @fits L K c).
    { assert (size c <= inject_Z (Z.of_nat (length c + S n))) by (unfold size; rewrite <- Zle_Qle; lia). split; lra. }
    rewrite (pick_right pick c _ pi G W Fit Qn Qb T).
    pose proof (right_valid blank_is_a_symbol rules_valid c _ pi W T Qb) as V.
    unfold right_token in *. destruct (pi (state (config_of c)) (under_heads k (config_of c))) as [a|]; [|reflexivity].
    f_equal. destruct V as (Vs & Va). rewrite IH.
    - reflexivity.
    - constructor; auto. split; auto.
    - exact T.
    - replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + n)%nat with (length c + S n)%nat by (cbn [length]; lia). exact HL.
    - replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + n)%nat with (length c + S n)%nat by (cbn [length]; lia). exact HK.
    - reflexivity.
    - apply Va.
  Qed.

  (** At every token of a run, its logit is 1 and every other token's at most 0. *)
  Theorem run_leads pi : forall n c ts t, wf c -> @told nQ nS k rules c pi ->
    inject_Z (Z.of_nat (length c + n)) <= L -> 2 * inject_Z (Z.of_nat (length c + n)) <= K ->
    new_state (newest c) = Some (state (config_of c)) -> (state (config_of c) < nQ)%nat ->
    run k pi (config_of c) (S n) = ts ++ [t] -> length ts = n ->
    logit (rev ts ++ c) t == 1 /\ forall t', valid t' -> t' <> t -> logit (rev ts ++ c) t' <= 0.
  Proof.
    intros n. induction n as [|n IH]; intros c ts t W T HL HK Qn Qb E Ln.
    - destruct ts; [|discriminate]. cbn [rev app].
      assert (Fit : @fits L K c) by (unfold fits, size; rewrite Nat.add_0_r in *; split; assumption).
      destruct (next_token (cd := cd) (M := M) blank_is_a_symbol beta_positive g_large rules_valid c _ pi W Fit Qn Qb T) as [R1 R2].
      pose proof (right_valid blank_is_a_symbol rules_valid c _ pi W T Qb) as V.
      assert (Et : right_token pi (state (config_of c)) (under_heads k (config_of c)) = t).
      { unfold right_token. cbn [run app] in E. destruct (pi _ _); injection E as E; exact E. }
      rewrite Et in *. split; [now rewrite logit_is|]. intros t' V' N'. rewrite logit_is by auto. now apply R2.
    - pose proof (right_valid blank_is_a_symbol rules_valid c _ pi W T Qb) as V. unfold right_token in V.
      cbn [run] in E. destruct (pi (state (config_of c)) (under_heads k (config_of c))) as [a|].
      2:{ destruct ts as [|t1 [|]]; try discriminate. }
      destruct ts as [|t1 ts]; [discriminate|]. injection E as <- E. injection Ln as Ln. destruct V as (Vs & Va).
      cbn [rev]. rewrite <- app_assoc. cbn [app]. apply IH; auto.
      + constructor; auto. split; auto.
      + replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + n)%nat with (length c + S n)%nat by (cbn [length]; lia). exact HL.
      + replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + n)%nat with (length c + S n)%nat by (cbn [length]; lia). exact HK.
      + apply Va.
  Qed.

  (** The same from a prompt. *)
  Lemma prompt_told (examples : list rule) input start q pi :
    (rules = [] /\ @state_policy nQ nS k examples pi) \/ (examples = [] /\ @have_policy nQ nS k rules pi) ->
    @told nQ nS k rules (rev (prompt examples input start q)) pi.
  Proof.
    unfold told. rewrite text_examples. intros [(R & T)|(R & T)]; [left|right]; split; auto.
    - intros q' s' V. specialize (T q' s' V). assert (I : forall b, In b (named q' s' (rev examples)) <-> In b (named q' s' examples)).
      { intros b. unfold named. rewrite !in_map_iff. split; intros (e & E & I); exists e; split; auto; apply filter_In; apply filter_In in I as (I & A);
          split; auto; [now apply in_rev|now apply -> in_rev]. }
      destruct (pi q' s') as [a|].
      + destruct T as (N & U). split; [|intros b Ib; now apply U, I]. intros E. apply N. destruct (named q' s' examples) as [|b l]; auto.
        specialize (proj2 (I b) (or_introl eq_refl)) as J. rewrite E in J. destruct J.
      + destruct (named q' s' (rev examples)) as [|b l]; auto. specialize (proj1 (I b) (or_introl eq_refl)) as J. rewrite T in J. destruct J.
    - now rewrite R.
  Qed.
  Theorem prompt_runs (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat) (pi : policy) pick n :
    (forall e, In e examples -> valid_rule nQ nS k e) -> valid_start nQ nS k input start q ->
    (rules = [] /\ @state_policy nQ nS k examples pi) \/ (examples = [] /\ @have_policy nQ nS k rules pi) ->
    greedy logit pick ->
    inject_Z (Z.of_nat (length (prompt examples input start q) + n)) <= L ->
    2 * inject_Z (Z.of_nat (length (prompt examples input start q) + n)) <= K ->
    generate pick (rev (prompt examples input start q)) n = run k pi (start_config input start q) n.
  Proof.
    intros Ve Vs T G HL HK. set (text := prompt examples input start q) in *.
    rewrite <- (text_config k examples input start q pi n). fold text.
    destruct (text_state examples input start q) as [Es Ns]. fold text in Es, Ns. destruct Vs as (V1 & V2 & V3 & V4).
    apply generates_run; auto.
    - apply text_wf; auto. repeat split; auto.
    - now apply prompt_told.
    - now rewrite length_of_rev.
    - now rewrite length_of_rev.
    - now rewrite Es.
    - now rewrite Es.
  Qed.
  Theorem prompt_leads (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat) (pi : policy) n ts t :
    (forall e, In e examples -> valid_rule nQ nS k e) -> valid_start nQ nS k input start q ->
    (rules = [] /\ @state_policy nQ nS k examples pi) \/ (examples = [] /\ @have_policy nQ nS k rules pi) ->
    inject_Z (Z.of_nat (length (prompt examples input start q) + n)) <= L ->
    2 * inject_Z (Z.of_nat (length (prompt examples input start q) + n)) <= K ->
    run k pi (start_config input start q) (S n) = ts ++ [t] -> length ts = n ->
    let c := rev (prompt examples input start q ++ ts) in
    logit c t == 1 /\ forall t', valid t' -> t' <> t -> logit c t' <= 0.
  Proof.
    intros Ve Vs T HL HK E Ln. cbv zeta. rewrite rev_app_distr. set (text := prompt examples input start q) in *.
    rewrite <- (text_config k examples input start q pi (S n)) in E. fold text in E.
    destruct (text_state examples input start q) as [Es Ns]. fold text in Es, Ns. destruct Vs as (V1 & V2 & V3 & V4).
    eapply run_leads; eauto.
    - apply text_wf; auto. repeat split; auto.
    - now apply prompt_told.
    - now rewrite length_of_rev.
    - now rewrite length_of_rev.
    - now rewrite Es.
    - now rewrite Es.
  Qed.
End Run.
